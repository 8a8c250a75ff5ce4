update billing_accounts b
set currency_code = coalesce((
  select upper(i.currency) from invoices i
  where i.billing_account_id = b.id
  order by i.issued_at, i.id
  limit 1
), 'USD')
where :range and b.currency_code is null
