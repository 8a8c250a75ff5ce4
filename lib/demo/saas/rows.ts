/*
 * The rows of the example, made inside the database: one INSERT ... SELECT a table is the fastest
 * way that is not COPY, and no row crosses the wire. A value is a hash of its row's number and the
 * seed, so the same seed gives the same rows, in whatever order or chunks they are made. No row
 * depends on the clock.
 */

/** A number from 0 to n - 1 that depends on the row `i`, the seed ($1) and what it is for. */
const pick = (n: number | string, purpose: number): string =>
  `(((hashint8extended(i * 16 + ${purpose}, $1::bigint) % ${n}) + ${n}) % ${n})`;

/** One of the values, later ones as likely as earlier ones. */
const oneOf = (values: readonly string[], purpose: number): string =>
  `(array[${values.map((value) => `'${value}'`).join(',')}])[1 + ${pick(values.length, purpose)}]`;

const COMPANIES = ['Alder', 'Birch', 'Cedar', 'Dune', 'Ember', 'Fjord', 'Grove', 'Harbor', 'Inlet'];
const TRADES = ['Analytics', 'Bakery', 'Clinic', 'Freight', 'Press', 'Robotics', 'Studio', 'Works'];
const FORMS = ['AB', 'GmbH', 'Inc', 'Ltd', 'SA'];
const COUNTRIES = ['CH', 'DE', 'FR', 'GB', 'JP', 'SE', 'US', 'US', 'US'];
const PLANS = ['free', 'free', 'free', 'starter', 'starter', 'team', 'team', 'business'];
const FIRST_NAMES = ['Ada', 'Ben', 'Chika', 'Dmitri', 'Elif', 'Farah', 'Goro', 'Hanna', 'Ivo'];
const LAST_NAMES = ['Abe', 'Berg', 'Costa', 'Diaz', 'Evans', 'Fischer', 'Gupta', 'Haas', 'Ito'];

/**
 * Every 97th account, from number 11 on, was imported from an older system: its invoices say
 * `EURO`, which no list of currencies knows. It is what the second example migration stumbles over.
 */
export const IMPORTED_ACCOUNTS = { every: 97, from: 11 } as const;

/** Parameters: seed, first row, last row. */
export const INSERT_ACCOUNTS = `
insert into accounts (id, name, country, plan, billing_email, card_token, created_at)
select i,
  ${oneOf(COMPANIES, 0)} || ' ' || ${oneOf(TRADES, 1)} || ' ' || ${oneOf(FORMS, 2)},
  ${oneOf(COUNTRIES, 3)},
  plan,
  'billing@account' || i || '.example',
  case when plan <> 'free' then 'card_' || md5(i::text || $1::text) end,
  timestamptz '2021-01-01 00:00Z' + ${pick(1000, 5)} * interval '1 day'
from generate_series($2::bigint, $3::bigint) i, lateral (select ${oneOf(PLANS, 4)}) p(plan)`;

/** Parameters: seed, first row, last row, number of accounts. Each account has an owner first. */
export const INSERT_USERS = `
insert into users (id, account_id, email, full_name, role, last_seen_at, created_at)
select i, 1 + (i - 1) % $4::bigint,
  ${oneOf(['user', 'User', 'hello'], 0)} || i || '@account' || (1 + (i - 1) % $4::bigint) || '.example',
  ${oneOf(FIRST_NAMES, 1)} || ' ' || ${oneOf(LAST_NAMES, 2)},
  case when i <= $4::bigint then 'owner' else ${oneOf(['member', 'member', 'admin'], 3)} end,
  case when ${pick(10, 4)} > 0 then timestamptz '2025-12-31 00:00Z' - ${pick(90, 5)} * interval '1 day' end,
  timestamptz '2023-10-01 00:00Z' + ${pick(800, 6)} * interval '1 day'
from generate_series($2::bigint, $3::bigint) i`;

/** Parameters: seed, first row, last row, number of accounts. Numbered in the order of issue. */
export const INSERT_INVOICES = `
insert into invoices
  (id, account_id, number, amount, currency, status, issued_at, due_at, paid_at)
select i, account_id, 'INV-' || lpad(i::text, 9, '0'),
  (900 + ${pick(99_000, 1)}) / 100.0,
  case when account_id % ${IMPORTED_ACCOUNTS.every} = ${IMPORTED_ACCOUNTS.from} then 'EURO'
    else ${oneOf(['USD', 'USD', 'EUR', 'GBP', 'CHF', 'SEK'], 2)} end,
  status, issued_at, issued_at + interval '30 days',
  case when status = 'paid' then issued_at + ${pick(30, 4)} * interval '1 day' end
from generate_series($2::bigint, $3::bigint) i,
lateral (select 1 + ${pick('$4::bigint', 0)}, ${oneOf(['paid', 'paid', 'paid', 'paid', 'paid', 'open', 'void'], 3)},
  timestamptz '2024-01-01 00:00Z' + i * (interval '700 days' / $5::bigint)
) v(account_id, status, issued_at)`;
