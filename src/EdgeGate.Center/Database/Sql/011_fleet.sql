-- What the fleet page shows beside the gates' own rows, and what was asked of gates.

-- the tally before the newest: from two of them follows how fast a backlog drains
alter table gate_report add column missing_before bigint, add column tally_before_at timestamptz;

create table gate_device (
    gate_id int not null references gate on delete cascade,
    device text not null,
    state text not null,
    cause text,
    since timestamptz not null,
    primary key (gate_id, device)
);

-- Records that somebody should look at. Open until somebody says that they did.
create table alarm (
    gate_id int not null references gate on delete cascade,
    sequence bigint not null,
    at timestamptz not null,
    word text not null,
    lane text,
    acknowledged_at timestamptz,
    acknowledged_by text,
    note text,
    primary key (gate_id, sequence)
);
create index alarm_open on alarm (at) where acknowledged_at is null;
create index alarm_at on alarm (at);

-- On record before it is sent. What is in it about a person (the reason) is for the operator to keep out.
create table gate_command (
    id text primary key,
    gate_id int not null references gate on delete cascade,
    asked_by text not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    kind text not null,
    words text not null,
    -- the gate's answer
    outcome text,
    answer text,
    answered_at timestamptz,
    -- of settings on trial: whether they stayed
    confirmed boolean,
    trial_cause text
);
create index gate_command_gate on gate_command (gate_id, asked_at);
create index gate_command_at on gate_command (asked_at);

-- The picture of a site's grounds, and where its gates stand on it, in thousandths of its width and height.
create table site_plan (
    site text primary key,
    content_type text not null,
    picture bytea not null,
    uploaded_by text not null,
    uploaded_at timestamptz not null
);

create table gate_place (
    gate_id int primary key references gate on delete cascade,
    x int not null,
    y int not null
);
