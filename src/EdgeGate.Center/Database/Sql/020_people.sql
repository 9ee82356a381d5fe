-- Registers: the lists that gates go by, as the center keeps them. What is in force stands in register_entry; register_version holds the bytes that
-- gates fetch. The row of register, locked, makes its versions follow one another.

create table register (
    site text not null,
    name text not null,
    version bigint not null,
    issued_at timestamptz not null,
    persons int not null,
    -- zones and hours, in the register that holds them
    plan jsonb,
    -- the newest version known to be at the broker
    announced bigint,
    announced_at timestamptz,
    primary key (site, name)
);

create table register_entry (
    site text not null,
    register text not null,
    person bytea not null,
    masked_name text not null,
    unit text not null,
    building text not null generated always as (split_part(unit, '-', 1)) stored,
    terms text not null,
    -- full name and telephone number, by the center's own key
    details bytea,
    primary key (site, register, person),
    foreign key (site, register) references register on delete cascade
);
create index register_entry_unit on register_entry (site, register, unit);
create index register_entry_building on register_entry (site, building) where register = 'residents';
create index register_entry_person on register_entry (person) where register = 'residents';

create table register_version (
    site text not null,
    register text not null,
    version bigint not null,
    -- of one version the whole list may stand beside the change
    is_whole boolean not null,
    issued_at timestamptz not null,
    made_by text not null,
    added int not null,
    changed int not null,
    removed int not null,
    bytes bytea not null,
    primary key (site, register, version, is_whole),
    foreign key (site, register) references register on delete cascade
);

-- The residents of tracing are those of the list gates go by.
insert into register (site, name, version, issued_at, persons)
select site, 'residents', 0, now(), count(*) from resident group by site;
insert into register_entry (site, register, person, masked_name, unit, terms)
select site, 'residents', person, masked_name, unit, ';;;;' from resident;
drop table resident;
create view resident as select site, person, masked_name, unit, building from register_entry where register = 'residents';

-- Which version of a list a gate brought into force last, by its own record of it.
create table gate_register (
    gate_id int not null references gate on delete cascade,
    register text not null,
    version bigint not null,
    sequence bigint not null,
    at timestamptz not null,
    primary key (gate_id, register)
);

-- Files: one for each person under observation and each cause. In the open only what questions need; names, numbers and words are sealed.
create table person_file (
    id bigint generated always as identity primary key,
    site text not null,
    person bytea not null,
    masked_name text not null,
    unit text not null,
    building text not null generated always as (split_part(unit, '-', 1)) stored,
    kind smallint not null,
    state smallint not null,
    opened_at timestamptz not null,
    opened_by text not null,
    -- released by itself when nobody does it before
    until timestamptz not null,
    closed_at timestamptz,
    details bytea,
    -- the door contact at the home, as the site's devices call it
    contact text,
    -- of a proposal: the record that made it
    gate_id int,
    sequence bigint
);
create unique index person_file_current on person_file (site, person, kind) where state in (0, 1);
create index person_file_closed on person_file (closed_at) where closed_at is not null;
create index person_file_contact on person_file (site, contact) where contact is not null and state = 1;
create index person_file_unit on person_file (site, unit) where state = 1;

create table person_measure (
    file_id bigint not null references person_file on delete cascade,
    at timestamptz not null,
    entered_by text not null,
    source smallint not null,
    -- temperature and words
    sealed bytea not null,
    primary key (file_id, at)
);

-- What happened to a file: a person's word, or a fact.
create table person_file_event (
    id bigint generated always as identity primary key,
    file_id bigint not null references person_file on delete cascade,
    at timestamptz not null,
    kind smallint not null,
    by_whom text not null,
    sealed bytea
);
create index person_file_event_file on person_file_event (file_id, at);

-- A measure that is missing is told once.
create table measure_reminder (
    file_id bigint not null references person_file on delete cascade,
    due timestamptz not null,
    told_at timestamptz not null,
    primary key (file_id, due)
);

-- What guards did at a place: rounds, disinfection.
create table round (
    gate_id int not null,
    sequence bigint not null,
    site text not null,
    building text not null,
    place text not null,
    task text not null,
    at timestamptz not null,
    primary key (gate_id, sequence)
);
create index round_building on round (site, building, task, at desc);

create table delivery (
    site text not null,
    gate_id int not null,
    delivery text not null,
    building text not null,
    slot int,
    state text not null,
    sequence bigint not null,
    at timestamptz not null,
    primary key (gate_id, delivery)
);
create index delivery_building on delivery (site, building, at desc);

-- Where buildings stand on the picture of the estate.
create table building_place (
    site text not null,
    building text not null,
    x int not null,
    y int not null,
    width int not null,
    height int not null,
    primary key (site, building)
);

-- Words of the management to residents.
create table notice (
    id bigint generated always as identity primary key,
    site text not null,
    -- empty for the whole estate
    building text not null,
    text text not null,
    made_by text not null,
    at timestamptz not null,
    until timestamptz not null
);
create index notice_site on notice (site, until);

-- Households: a pass with a PIN opens the page of its unit.
create table household_pin (
    site text not null,
    -- the key of the pass's number
    pass bytea not null,
    unit text not null,
    salt bytea not null,
    hash bytea not null,
    wrong int not null default 0,
    locked_until timestamptz,
    made_by text not null,
    made_at timestamptz not null,
    until timestamptz not null,
    primary key (site, pass)
);

create table household_session (
    token_hash bytea primary key,
    site text not null,
    pass bytea not null,
    until timestamptz not null,
    foreign key (site, pass) references household_pin on delete cascade
);

-- Who a household expects. The pass itself is sealed: whoever reads it could show it.
create table announcement (
    id bigint generated always as identity primary key,
    site text not null,
    unit text not null,
    kind smallint not null,
    pass bytea not null,
    sealed bytea not null,
    at timestamptz not null,
    expires_at timestamptz not null
);
create index announcement_unit on announcement (site, unit, expires_at);
