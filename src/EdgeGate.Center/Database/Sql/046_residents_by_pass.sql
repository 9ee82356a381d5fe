-- Who lives somewhere is known from the list of residents, and from the passes that residents were given, unless they were called back: to a trace one is as good
-- as the other.
create or replace view resident as
select site, person, masked_name, unit, building from register_entry e where (register = 'residents' or (register = 'passes' and terms like 'resident;%'))
    and not exists (select from register_entry v where v.site = e.site and v.register = 'revoked-passes' and v.person = e.person);

-- By person, and by place: the predicate is the view's first one, word for word, or no question about residents could use them.
drop index register_entry_building, register_entry_person;
create index register_entry_person on register_entry (person) where register = 'residents' or (register = 'passes' and terms like 'resident;%');
create index register_entry_home on register_entry (site, building, unit) where register = 'residents' or (register = 'passes' and terms like 'resident;%');
