-- New to old: who pays, and with which card.
create function account_from_billing_account() returns trigger
language plpgsql as $$
begin
  perform public.account_set_payer(new.id, new.email, new.card_token);
  return null;
end
$$
