import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { MEASURED_CATALOG } from './lock-facts/catalog.ts';
import { classifyAll, contextOf } from './statements.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const needed = (sql: string, known = {}) =>
  classifyAll(contextOf(parser, known), sql).at(-1)?.requiresVersion;

/** From the release notes of each version, https://www.postgresql.org/docs/release/14.0/ to 18.0. */
const SINCE: Readonly<Record<number, readonly string[]>> = {
  14: [
    'alter table p detach partition p1 concurrently',
    'alter table p detach partition p1 finalize',
    'alter table t alter c set compression lz4',
    'create table n (a text compression lz4)',
    'create or replace trigger g before insert on t for each row execute function f()',
    'create function g() returns int begin atomic select 1; end',
    'create function g() returns int return 1',
    'create statistics s on (a + 1), b from t',
    'reindex (tablespace fast) table t',
    'with recursive w as (select 1 as a union select a from w) search depth first by a set b select a from w',
    'with recursive w as (select 1 as a union select a from w) cycle a set b using c select a from w',
  ],
  15: [
    'create unique index concurrently i on t (a) nulls not distinct',
    'alter table t add constraint k unique nulls not distinct (a)',
    'alter table t set access method columnar',
    'alter table t add constraint k foreign key (a) references o on delete set null (a) not valid',
    'create view v with (security_invoker = true) as select 1 as a',
    'alter view v set (security_invoker = true)',
    'create publication n for tables in schema public',
    'create publication n for table t where (a > 1)',
    'create publication n for table t (id, a)',
    'merge into t using o on t.id = o.id when matched then delete',
  ],
  16: [
    'create table n (a text storage external)',
    'select a from (select 1 as a)',
    'reindex database',
    `select json_object('a': 1)`,
    'select json_array(1, 2)',
    `select 'a' is json`,
  ],
  17: [
    'alter table t alter c set expression as (b)',
    'alter table t alter c set statistics default',
    'merge into t using o on t.id = o.id when not matched by source then delete',
    'merge into t using o on t.id = o.id when matched then delete returning t.id',
    'grant maintain on t to somebody',
    `select * from json_table('[]', '$[*]' columns (a int path '$')) as j`,
    `select json_value('{}', '$.a')`,
  ],
  18: [
    'alter table t add constraint k not null c not valid',
    'create table n (a int, not null a)',
    'create table n (a int not null no inherit)',
    'alter table t add z int generated always as (a) virtual',
    'alter table t add constraint k check (a > 0) not enforced',
    'create table n (a int check (a > 0) not enforced)',
    'alter table t alter constraint k not enforced',
    'alter table t alter constraint k no inherit',
    'alter table t add primary key (id, r without overlaps)',
    'alter table t add foreign key (id, period r) references o (id, period r)',
    'update t set a = 1 returning with (old as o) o.a',
  ],
};

describe.each(Object.entries(SINCE))('since version %s', (version, statements) => {
  it.each(statements)('there is: %s', (sql) => {
    expect(needed(sql)).toBe(Number(version));
  });
});

it.each([
  'alter table t add z int generated always as (a) stored',
  'alter table t add z int not null default 0',
  'alter table t add constraint k check (a > 0) not valid',
  'alter table t add constraint k foreign key (a) references o on delete set null not valid',
  'alter table p detach partition p1',
  'alter table t alter c set statistics 100',
  'create unique index concurrently i on t (a) include (b)',
  'create trigger g before insert on t for each row execute function f()',
  'create function g() returns int language sql as $$ select 1 $$',
  'create view v with (security_barrier = true) as select 1 as a',
  'create statistics s on a, b from t',
  'reindex (concurrently) table t',
  'grant select on t to somebody',
  'select a from (select 1 as a) as s',
  `select json_object('{a, 1}')`,
  'create publication n for table t',
  'create table n (a int not null check (a > 0) references o)',
])('version 13 accepts %s', (sql) => {
  expect(needed(sql)).toBeUndefined();
});

describe('partitioned tables, whose kind the catalog knows', () => {
  it.each([
    ['reindex table p', 14],
    ['alter table p add constraint k foreign key (id) references o not valid', 18],
    ['alter table t add constraint k foreign key (a) references o not valid', undefined],
    ['reindex table t', undefined],
  ])('%s needs version %s', (sql, version) => {
    expect(needed(sql, { catalog: MEASURED_CATALOG })).toBe(version);
  });
});
