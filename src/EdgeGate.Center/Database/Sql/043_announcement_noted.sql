-- How guards' records call the delivery; null of visitors, and of what was announced before this step: that ends with its time.
alter table announcement add column delivery text;
-- When a gate's record told what became of it: no gate expects it from then on.
alter table announcement add column noted_at timestamptz;
create index announcement_delivery on announcement (expires_at) where delivery is not null and noted_at is null;
create index delivery_name on delivery (site, delivery);
