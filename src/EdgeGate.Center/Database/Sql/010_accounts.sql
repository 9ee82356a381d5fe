-- Who may sign in at the center's pages, and who is signed in. Any process of the center answers any of them.

create table account (
    id text primary key,
    role text not null,
    hash text not null,
    -- changes with every reset: what was signed in before is not any more
    issue uuid not null,
    added_at timestamptz not null
);

create table account_session (
    -- SHA-256: a copy of the table signs nobody in
    cookie bytea primary key,
    account text not null references account on delete cascade,
    issue uuid not null,
    opened_at timestamptz not null,
    acted_at timestamptz not null
);
create index account_session_account on account_session (account);
