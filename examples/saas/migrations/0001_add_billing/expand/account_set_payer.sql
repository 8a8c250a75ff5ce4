-- Changes nothing when nothing differs, which is what ends the exchange between the two sides.
create function account_set_payer(account bigint, email text, card text) returns void
language sql
begin atomic
  update accounts set billing_email = email, card_token = card
  where id = account and (billing_email, card_token) is distinct from (email, card);
end
