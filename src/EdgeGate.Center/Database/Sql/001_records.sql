-- Gates, what they sent, and how far each is complete. One row of gate, locked, is the truth about what is here:
-- everything up to up_to, and above it what stands in ahead.

create table gate (
    id int generated always as identity primary key,
    site text not null,
    name text not null,
    added_at timestamptz not null,
    -- pinned at enrolment: {"X":…,"Y":…} of its P-256 key; null until known, and then no gap is passed over
    signing_key jsonb,
    pins_first_key boolean not null default false,
    up_to bigint not null default 0,
    chain bytea not null default '\x0000000000000000000000000000000000000000000000000000000000000000',
    highest bigint not null default 0,
    ahead int not null default 0,
    -- dead letters that were passed over and may still come
    letters int not null default 0,
    -- newest tally: what the chain must be at head
    head bigint not null default 0,
    head_chain bytea,
    -- whether it names void numbers or dead letters
    skips boolean not null default false,
    gap_since timestamptz,
    asked_at timestamptz,
    fault text,
    unique (site, name)
) with (fillfactor = 50); -- room for updates in place: a row changes with every batch

create table gate_report (
    gate_id int primary key references gate on delete cascade,
    online boolean,
    online_at timestamptz,
    version text,
    offered_key jsonb,
    tally jsonb,
    tally_at timestamptz,
    -- how far the gate was complete here when that tally came
    tally_up_to bigint
);

create table lane (
    id int generated always as identity primary key,
    gate_id int not null references gate,
    name text not null,
    unique (gate_id, name)
);

-- Every record as it came: the chain is over these bytes. "at" is when it happened, as well as the center knows.
create table record (
    gate_id int not null,
    sequence bigint not null,
    at timestamptz not null,
    received_at timestamptz not null,
    kind smallint not null,
    payload bytea not null,
    primary key (gate_id, sequence, at)
) partition by range (at);

-- Who was before which lane: what a trace reads. Narrow, so that a hundred million of them stay quick.
create table passage (
    at timestamptz not null,
    sequence bigint not null,
    gate_id int not null,
    lane_id int not null,
    direction smallint not null,
    outcome smallint not null,
    clock smallint not null,
    taken boolean not null,
    person bytea not null,
    masked_name text
) partition by range (at);

create index passage_person on passage (person, at);
create index passage_lane on passage (lane_id, at);

-- Numbers above up_to that are here already.
create table ahead (
    gate_id int not null,
    sequence bigint not null,
    at timestamptz not null,
    primary key (gate_id, sequence)
);

-- Numbers passed over on the gate's signed tally: void for ever, or a dead letter that may still come.
create table missing (
    gate_id int not null references gate,
    first bigint not null,
    last bigint not null,
    cause text not null,
    is_letter boolean not null,
    chain_before bytea not null,
    chain bytea not null,
    noted_at timestamptz not null,
    primary key (gate_id, first)
);

create table clock_step (
    gate_id int not null,
    sequence bigint not null,
    first bigint not null,
    last bigint not null,
    step interval not null,
    primary key (gate_id, sequence)
);

-- What could not be taken as it was, and why. The same bytes twice are one row.
create table set_aside (
    site text not null,
    gate text not null,
    digest bytea not null,
    sequence bigint,
    reason text not null,
    payload bytea,
    first_at timestamptz not null,
    last_at timestamptz not null,
    times bigint not null default 1,
    primary key (site, gate, digest)
);
create index set_aside_age on set_aside (last_at);

-- Who sends without having been added. Their records wait at the gate until they are.
create table unknown_gate (
    site text not null,
    name text not null,
    messages bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (site, name)
);
