-- The application writes display_name only; the old column follows under whichever name it has.
-- Only the branch that is taken is looked up, so the other name need not exist.
create or replace function users_sync_name() returns trigger
language plpgsql as $$
begin
  if (to_jsonb(new) -> 'full_name_lk_old') is not null then
    new.full_name_lk_old := new.display_name;
  else
    new.full_name := new.display_name;
  end if;
  return new;
end
$$
