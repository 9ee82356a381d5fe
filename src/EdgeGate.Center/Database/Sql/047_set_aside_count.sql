-- How many messages of a gate lie aside for a reason: what pages show and what bounds a gate is read here, never counted row by row. Kept by the database
-- itself, in the transaction of whoever puts aside, understands or forgets.
create table set_aside_count (
    site text not null,
    gate text not null,
    -- the beginning of it: reasons quote what gates sent
    reason text not null,
    messages bigint not null,
    -- when the newest of them came
    last_at timestamptz not null,
    primary key (site, gate, reason)
);

create function count_set_aside() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update set_aside_count c set messages = c.messages - g.messages
        from (select site, gate, left(reason, 200) as reason, count(*) as messages from gone group by 1, 2, 3) g
        where c.site = g.site and c.gate = g.gate and c.reason = g.reason;
    end if;
    if tg_op <> 'DELETE' then
        insert into set_aside_count (site, gate, reason, messages, last_at)
        select site, gate, left(reason, 200), count(*), max(last_at) from come group by 1, 2, 3 order by 1, 2, 3
        on conflict (site, gate, reason) do update set messages = set_aside_count.messages + excluded.messages, last_at = greatest(set_aside_count.last_at, excluded.last_at);
    end if;
    if tg_op <> 'INSERT' then
        delete from set_aside_count c using (select distinct site, gate, left(reason, 200) as reason from gone) g
        where c.site = g.site and c.gate = g.gate and c.reason = g.reason and c.messages = 0;
    end if;
    return null;
end $$;

create trigger set_aside_come after insert on set_aside referencing new table as come for each statement execute function count_set_aside();
create trigger set_aside_changed after update on set_aside referencing old table as gone new table as come for each statement execute function count_set_aside();
create trigger set_aside_gone after delete on set_aside referencing old table as gone for each statement execute function count_set_aside();

insert into set_aside_count (site, gate, reason, messages, last_at) select site, gate, left(reason, 200), count(*), max(last_at) from set_aside group by 1, 2, 3;
