import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { loadParser, type SqlParser } from '../../../../lib/core/sql/parser.ts';
import { deriveUndo } from '../../../../lib/core/sql/undo/derive-undo.ts';
import { freshDatabase, type TestDatabase } from '../../../support/postgres.ts';
import { statementOf } from '../statements.ts';

const SETUP = `
  create schema s;
  create table s."Orders" (id bigint primary key, total int, "group" text);
  create table s.customers (id bigint primary key);
  create table p (k int) partition by range (k);
  create table p1 (k int);
  create function touch() returns trigger language plpgsql as 'begin return new; end';
  create type mood as enum ('ok');
  create view v as select id from s.customers;
  create index total_idx on s."Orders" (total);
  alter table s."Orders" add constraint positive check (total > 0);
`;

const REVERSIBLE = [
  'create table s."New table" (id int primary key, c int references s.customers)',
  'create table copy as select * from s.customers',
  'create table p2 partition of p for values from (10) to (20)',
  'create materialized view mv as select id from s.customers',
  'create view s.w as select 1 as one',
  'create sequence s.numbers',
  'create type pair as (a int, b text)',
  `create type s.size as enum ('s', 'm')`,
  'create type span as range (subtype = int4)',
  'create domain positive as int check (value > 0)',
  'create schema archive',
  'create index group_idx on s."Orders" ("group")',
  'create index concurrently group_idx on s."Orders" ("group")',
  'create trigger touched before update on s."Orders" for each row execute function touch()',
  'create rule r as on delete to v do instead nothing',
  'create policy mine on s."Orders" using (true)',
  'create statistics st on id, total from s."Orders"',
  'create publication pub for table s.customers',
  `create function f(a int, b varchar(3)[], out c text, variadic d text[]) language sql as $$ select 'x' $$`,
  `create function g() returns table (a int) language sql as $$ select 1 $$`,
  `create procedure pr(a numeric(3,2), out b text) language sql as $$ select 'x' $$`,
  'alter table s."Orders" add column a int, add constraint u unique (a), add column b int',
  'alter table s."Orders" add constraint fk foreign key (id) references s.customers not valid',
  'alter table s."Orders" alter column total set not null',
  'alter table s."Orders" alter column id add generated always as identity',
  'alter table s."Orders" enable row level security',
  'alter table p attach partition p1 for values from (1) to (2)',
  'alter table s."Orders" rename to archive',
  'alter table s."Orders" rename column "group" to "order"',
  'alter table s."Orders" rename constraint positive to above_zero',
  'alter index s.total_idx rename to t',
  'alter view v rename to w',
  'alter type mood rename to humour',
  'alter schema s rename to t',
];

let database: TestDatabase;
let pool: pg.Pool;
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
  database = await freshDatabase();
  pool = database.pool();
  await pool.query(SETUP);
});
afterAll(async () => {
  await database.drop();
});

/** Every name that the statements above can make or change. */
async function picture(): Promise<unknown> {
  const { rows } = await pool.query(`
    select 'relation', n.nspname, concat_ws(' ', c.relname, c.relkind, c.relrowsecurity, c.relispartition)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname not like 'pg_%' and n.nspname <> 'information_schema'
    union all
    select 'column', attrelid::regclass::text, concat_ws(' ', attname, attnotnull, attidentity)
      from pg_attribute where attrelid >= 16384 and attnum > 0 and not attisdropped
    union all select 'constraint', conrelid::regclass::text, conname from pg_constraint where oid >= 16384
    union all select 'function', proname, pg_get_function_identity_arguments(oid) from pg_proc where oid >= 16384
    union all select 'type', typnamespace::regnamespace::text, typname from pg_type where oid >= 16384
    union all select 'trigger', tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal
    union all select 'policy', polrelid::regclass::text, polname from pg_policy
    union all select 'rule', ev_class::regclass::text, rulename from pg_rewrite where oid >= 16384
    union all select 'publication', '', pubname from pg_publication
    union all select 'statistics', '', stxname from pg_statistic_ext
    union all select 'schema', '', nspname from pg_namespace
    order by 1, 2, 3`);
  return rows;
}

describe('deriveUndo', () => {
  it.each(REVERSIBLE)('takes back: %s', async (sql) => {
    // GIVEN
    const before = await picture();
    await pool.query(sql);
    expect(await picture()).not.toEqual(before);

    // WHEN
    const undo = deriveUndo(statementOf(parser, sql));

    // THEN
    await pool.query(undo ?? 'nothing was derived');
    expect(await picture()).toEqual(before);
  });

  it.each([
    'create table if not exists t (a int)',
    'create index on t (a)',
    'create index if not exists i on t (a)',
    'create or replace function f() returns int language sql as $$ select 1 $$',
    'create or replace view v as select 1',
    'drop table t',
    'alter table t drop column a',
    'alter table t add column a int, drop column b',
    'alter table t add check (a > 0)',
    'alter table t alter column a type bigint',
    'alter table t alter column a set default 1',
    'update t set a = 1',
    'do $$ begin end $$',
  ])('suggests nothing for: %s', (sql) => {
    expect(deriveUndo(statementOf(parser, sql))).toBeUndefined();
  });
});
