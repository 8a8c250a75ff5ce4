-- Keeps both forms of an invoice's amount equal, whichever one the application wrote. The row is
-- locked while this runs, so "old" is the latest version and no writer's change can be lost.
-- Both ways are exact: amount has two decimals, and a quotient by 100 has no more than two.
create or replace function billing_sync_invoice() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.billing_account_id := coalesce(new.billing_account_id, new.account_id);
    if new.amount_cents is null then
      new.amount_cents := (new.amount * 100)::bigint;
    else
      new.amount := new.amount_cents / 100.0;
    end if;
  elsif new.amount_cents is distinct from old.amount_cents then
    new.amount := new.amount_cents / 100.0;
  else
    new.amount_cents := (new.amount * 100)::bigint;
    new.billing_account_id := coalesce(new.billing_account_id, new.account_id);
  end if;
  return new;
end
$$
