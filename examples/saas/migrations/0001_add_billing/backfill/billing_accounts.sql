-- Rows that a trigger wrote meanwhile are newer than what this statement read: they stay.
insert into billing_accounts (id, email, card_token, created_at)
select a.id, a.billing_email, a.card_token, a.created_at
from accounts a
where :range
on conflict (id) do nothing
