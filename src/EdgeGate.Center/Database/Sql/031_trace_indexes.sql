-- A trace reads few rows of many days. Whole in the index they lie side by side, in the order of time at one lane; in the table each is on a page of
-- its own, which cold costs a disk access each.
drop index passage_person, passage_lane;
create index passage_person on passage (person, at) include (lane_id, gate_id, sequence);
create index passage_lane on passage (lane_id, at) include (person, masked_name);
