-- Residents, as far as tracing needs them: who lives where. Kept under the person's key, never under the ID number.
create table resident (
    site text not null,
    person bytea not null,
    masked_name text not null,
    unit text not null,
    building text not null,
    primary key (site, person)
);
create index resident_person on resident (person);
create index resident_unit on resident (site, unit);
create index resident_building on resident (site, building);

-- Every question about persons, before its answer is given.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    asked_by text not null,
    purpose text not null,
    action text not null,
    details jsonb not null,
    answers int not null
);
create index audit_at on audit (at);
