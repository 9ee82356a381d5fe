-- Whose a pass is, where the desk was shown an ID card: by the key of its number. So a trace that begins with the number finds passages by the pass, and the other
-- way round. Gone with the pass.
create table pass_person (
    site text not null,
    register text not null default 'passes' check (register = 'passes'),
    pass bytea not null,
    person bytea not null,
    primary key (site, register, pass),
    foreign key (site, register, pass) references register_entry (site, register, person) on delete cascade
);
create index pass_person_pass on pass_person (pass);
create index pass_person_person on pass_person (person);
