-- Gates that are shut out: nothing they send counts any more, what is here stays.
alter table gate add column revoked_at timestamptz, add column revoked_why text;

-- One row a bundle. Its ticket lets the center believe one key, once.
create table enrolment (
    ticket text primary key,
    gate_id int not null references gate on delete cascade,
    -- proves the key; forgotten when it has done so
    secret text,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    -- hexadecimal, of the certificate in it; null where gates come in by password
    certificate_serial text,
    revoked_at timestamptz,
    used_at timestamptz,
    used_by text,
    -- somebody else tried it afterwards: the bundle was copied
    tried_again_at timestamptz,
    tried_again_by text
);
create index enrolment_gate on enrolment (gate_id);
