-- Numbers and tallies that no gate can have reached are refused from now on. Those that were taken in before would blind the pages about all gates for ever.
with gone as (delete from ahead where sequence > 1000000000000 returning gate_id),
counted as (select gate_id, count(*)::int as records from gone group by gate_id)
update gate g set ahead = g.ahead - c.records from counted c where c.gate_id = g.id;

update gate g set highest = greatest(g.up_to, (select max(a.sequence) from ahead a where a.gate_id = g.id)) where g.highest > 1000000000000;
update gate set gap_since = null where up_to >= highest and gap_since is not null;

update gate_report set tally = null, tally_at = null, tally_up_to = null, missing_before = null, tally_before_at = null
where (tally->>'made')::numeric not between 0 and 1000000000000 or missing_before > 1000000000000
    or exists (select from jsonb_array_elements(tally->'void') v where (v->>'to')::numeric >= 1000000000000);
