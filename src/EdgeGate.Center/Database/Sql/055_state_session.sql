-- Of which of the gate's logins its newest state is: one that comes late does not put itself in a newer one's place. Null of gates that do not number them.
alter table gate_report add column session bigint;
