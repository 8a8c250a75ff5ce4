-- The application writes cents only; the legacy amount follows under whichever name it has.
-- Only the branch that is taken is looked up, so the other name need not exist.
create or replace function billing_sync_invoice() returns trigger
language plpgsql as $$
begin
  new.billing_account_id := coalesce(new.billing_account_id, new.account_id);
  if (to_jsonb(new) -> 'amount_lk_old') is not null then
    new.amount_lk_old := new.amount_cents / 100.0;
  else
    new.amount := new.amount_cents / 100.0;
  end if;
  return new;
end
$$
