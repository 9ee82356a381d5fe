-- What was not understood when it came is read again by a program that knows more.

-- Few, and found without reading the others; set_aside says why, for those that it had room and time for.
create index record_not_understood on record (gate_id, sequence) where kind = 0;

-- Which programs have read everything again that was here when they came.
create table reading_again (
    program uuid primary key,
    done_at timestamptz not null
);
