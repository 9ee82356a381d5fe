-- Wrong PINs are counted by who tries: a stranger locks out strangers, and not who lives there.
alter table household_pin drop column wrong, drop column locked_until;
-- When all that strangers tried wrongly will have been made up for; null or past: they have all their tries.
alter table household_pin add column strangers_until timestamptz;

create table household_client (
    site text not null,
    pass bytea not null,
    -- a keyed hash of an address, or the name of a phone that was signed in before
    client text not null,
    wrong int not null,
    locked_until timestamptz,
    last_at timestamptz not null,
    primary key (site, pass, client),
    foreign key (site, pass) references household_pin on delete cascade
);
create index household_client_last on household_client (last_at);

-- Whom a pass of a visitor led to: asked by traces as long as there are passages.
create index announcement_pass on announcement (pass);
create index announcement_site on announcement (site, expires_at);
