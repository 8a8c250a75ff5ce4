alter table accounts add constraint accounts_pkey primary key (id);
alter table accounts add constraint accounts_plan_check
  check (plan in ('free', 'starter', 'team', 'business'));

alter table users add constraint users_pkey primary key (id);
alter table users add constraint users_account_fk foreign key (account_id) references accounts (id);
alter table users add constraint users_role_check check (role in ('owner', 'admin', 'member'));
create index users_account_idx on users (account_id);

alter table invoices add constraint invoices_pkey primary key (id);
alter table invoices add constraint invoices_number_key unique (number);
alter table invoices add constraint invoices_account_fk
  foreign key (account_id) references accounts (id);
alter table invoices add constraint invoices_amount_check check (amount >= 0);
alter table invoices add constraint invoices_status_check
  check (status in ('open', 'paid', 'void'));
create index invoices_account_issued_idx on invoices (account_id, issued_at);
