-- That measures are missing, until the broker has the notice: made together with the reminders, so that no crash comes between.
create table measure_notice (
    id bigint generated always as identity primary key,
    site text not null,
    due timestamptz not null,
    missing int not null,
    -- while a process of the center is telling it; another one may after this
    claimed_until timestamptz
);
