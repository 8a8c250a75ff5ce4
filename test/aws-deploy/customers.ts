import type { Database } from '../../lib/ports/database.ts';

export const CUSTOMER_COUNT = 2_500;

/** The schema before any migration: customers whose email addresses are written in many ways. */
export async function createCustomers(database: Database): Promise<void> {
  await database.execute(
    'create table customers (id bigint generated always as identity primary key, email text not null)',
  );
  await database.execute(
    `insert into customers (email)
     select case when n % 2 = 0 then 'User' else 'user' end || n || '@Example.com'
     from generate_series(1, ${CUSTOMER_COUNT}) as n`,
  );
}

export interface CustomersPicture {
  /** `name type [not null]` of each column, in order. */
  readonly columns: readonly string[];
  readonly constraints: readonly string[];
  /** Those that are valid. */
  readonly indexes: readonly string[];
  readonly rows: number;
  /** One hash over all rows, whatever columns they have. */
  readonly content: string;
}

/** Schema and rows, to compare before and after. */
export async function pictureOf(database: Database): Promise<CustomersPicture> {
  const columns = await database.query(
    `select attname::text || ' ' || format_type(atttypid, atttypmod)
            || case when attnotnull then ' not null' else '' end as described
     from pg_attribute
     where attrelid = 'customers'::regclass and attnum > 0 and not attisdropped
     order by attnum`,
  );
  const constraints = await database.query(
    `select conname::text as name from pg_constraint
     where conrelid = 'customers'::regclass and contype = 'c' order by 1`,
  );
  const indexes = await database.query(
    `select indexrelid::regclass::text as name from pg_index
     where indrelid = 'customers'::regclass and indisvalid order by 1`,
  );
  const [all] = await database.query(
    `select count(*)::int4 as rows,
            coalesce(md5(string_agg(customers::text, ',' order by id)), '') as content
     from customers`,
  );
  return {
    columns: columns.map((row) => String(row['described'])),
    constraints: constraints.map((row) => String(row['name'])),
    indexes: indexes.map((row) => String(row['name'])),
    rows: Number(all?.['rows']),
    content: String(all?.['content']),
  };
}

/**
 * Gives customers a normalized address and retires the one they had: every phase of a migration, small.
 *
 * @param options.validation SQL condition that no row may fulfil once the rows are moved
 * @param options.soak YAML of the soak gate
 */
export function normalizeEmails(
  options: { readonly validation?: string; readonly soak?: string } = {},
): string {
  return `\
version: 1
title: Normalize the email addresses of customers

assertions:
  - {id: has_customers, query: select count(*) > 0 from customers, expect: true}

expand:
  - id: add_address
    sql: alter table customers add column address text
    undo: alter table customers drop column address
  - id: index_email
    sql: create index concurrently customers_email on customers (lower(email))
    undo: drop index concurrently customers_email

backfill:
  - id: fill_address
    table: customers
    set: {address: lower(email)}
    where: address is null
    batch: {min_rows: 100, max_rows: 500}

validate:
  - id: every_address_is_right
    query: select count(*) from customers where ${options.validation ?? 'address is null'}
    expect: 0
  - id: check_address
    sql: alter table customers add constraint customers_address check (address is not null) not valid
    undo: alter table customers drop constraint customers_address
  - id: validate_address
    sql: alter table customers validate constraint customers_address

contract:
  - id: retire_email
    sql: alter table customers rename column email to email_retired
    undo: alter table customers rename column email_retired to email

finalize:
  - id: drop_email
    sql: alter table customers drop column email_retired
    irreversible: the addresses as customers wrote them are gone

gates:
  deploy: {kind: signal, signals: [app], timeout: 1h, on_timeout: hold}
  contract: {kind: approval, approvals: 1, timeout: 1h, on_timeout: hold}
  soak: ${options.soak ?? 'none'}
`;
}
