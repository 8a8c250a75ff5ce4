-- The old version deletes an account without knowing what else belongs to it now.
create function billing_forget_account() returns trigger
language plpgsql as $$
begin
  delete from public.subscriptions where account_id = old.id;
  delete from public.billing_accounts where id = old.id;
  return old;
end
$$
