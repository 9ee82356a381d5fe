-- The newest open alarms of each gate, and how many it has.
drop index alarm_open;
create index alarm_open on alarm (gate_id, at desc, sequence desc) where acknowledged_at is null;
-- What somebody asked, for those who watch over it: also whether a name never asked anything.
create index audit_asked_by on audit (asked_by, id);
-- What people entered in a file, without what a door told (5 and 6) thousands of times.
create index person_file_event_said on person_file_event (file_id, at desc, id desc) where kind not in (5, 6);
