-- Old to new: the plan. Why an upsert, and what an empty email means: see
-- billing_account_from_account.sql.
create function subscription_from_account() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.billing_email = '' then
    return null;
  end if;
  insert into public.subscriptions as s (account_id, billing_account_id, plan, started_at)
  values (new.id, new.id, new.plan, new.created_at)
  on conflict (account_id) do update
    set plan = excluded.plan
    where s.plan is distinct from excluded.plan;
  return null;
end
$$
