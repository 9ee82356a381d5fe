-- A ticket is a key pair, of which the bundle has the private half: what stands here lets nobody be a gate. Bundles that were not used yet are made anew.
update enrolment set secret = null;
alter table enrolment rename column secret to public_key;
