-- New to old: the plan.
create function account_from_subscription() returns trigger
language plpgsql as $$
begin
  perform public.account_set_plan(new.account_id, new.plan);
  return null;
end
$$
