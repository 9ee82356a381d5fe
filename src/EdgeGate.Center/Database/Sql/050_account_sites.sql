-- The sites that an account is for; null: all of them.
alter table account add column sites text[] check (cardinality(sites) > 0);
