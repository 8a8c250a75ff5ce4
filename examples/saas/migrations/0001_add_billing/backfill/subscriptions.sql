-- Rows that a trigger wrote meanwhile are newer than what this statement read: they stay.
insert into subscriptions (account_id, billing_account_id, plan, started_at)
select a.id, a.id, a.plan, a.created_at
from accounts a
where :range
on conflict (account_id) do nothing
