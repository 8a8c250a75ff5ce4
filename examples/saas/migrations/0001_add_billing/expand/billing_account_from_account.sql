-- Old to new: who pays, and with which card.
-- An upsert, not an update: when the backfill is inserting this row at the same moment with what it
-- read earlier, an update would not see the row and the backfill's older values would stay. The
-- upsert waits for the backfill and writes the newer values over them.
create function billing_account_from_account() returns trigger
language plpgsql as $$
begin
  -- The old version always sends an email: the column is NOT NULL and had no default before this
  -- migration. So an empty one is the new version's, which writes billing_accounts itself, in the
  -- same transaction.
  if tg_op = 'INSERT' and new.billing_email = '' then
    return null;
  end if;
  insert into public.billing_accounts as b (id, email, card_token, created_at)
  values (new.id, new.billing_email, new.card_token, new.created_at)
  on conflict (id) do update
    set email = excluded.email, card_token = excluded.card_token
    -- What the new version wrote comes back here through its own trigger: equal, so it ends.
    where (b.email, b.card_token) is distinct from (excluded.email, excluded.card_token);
  return null;
end
$$
