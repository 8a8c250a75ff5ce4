-- Keeps both names of a user equal, whichever one the application wrote.
create or replace function users_sync_name() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.display_name is null then
      new.display_name := new.full_name;
    else
      new.full_name := new.display_name;
    end if;
  elsif new.display_name is distinct from old.display_name then
    new.full_name := new.display_name;
  else
    new.display_name := new.full_name;
  end if;
  return new;
end
$$
