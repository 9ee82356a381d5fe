-- By which resident's pass somebody was announced: who loses the one loses the others.
alter table announcement add column made_by bytea;
create index announcement_made_by on announcement (site, made_by, expires_at) where made_by is not null;

-- Records that came before their turn, and whose day has been dropped since: they are wanted again.
with gone as (delete from ahead a where not exists (select from record r where r.gate_id = a.gate_id and r.sequence = a.sequence and r.at = a.at) returning gate_id),
counted as (select gate_id, count(*)::int as records from gone group by gate_id)
update gate g set ahead = g.ahead - c.records from counted c where c.gate_id = g.id;
