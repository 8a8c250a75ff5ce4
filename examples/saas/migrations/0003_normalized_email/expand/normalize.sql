create function users_normalize_email() returns trigger
language plpgsql as $$
begin
  new.normalized_email := lower(btrim(new.email));
  return new;
end
$$
