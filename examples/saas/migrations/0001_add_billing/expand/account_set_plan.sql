-- Changes nothing when nothing differs, which is what ends the exchange between the two sides.
create function account_set_plan(account bigint, new_plan text) returns void
language sql
begin atomic
  update accounts set plan = new_plan
  where id = account and plan is distinct from new_plan;
end
