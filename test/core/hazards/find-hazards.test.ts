import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Traffic } from '../../../lib/core/hazards/table-size.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { type HazardCase, review } from './hazard-case.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

function onlyFinding(given: string | HazardCase) {
  const [finding, another] = review(parser, given).findings;
  if (finding === undefined || another !== undefined) throw new TypeError('not one finding');
  return finding;
}

const traffic = (readsPerSecond: number, writesPerSecond: number) => ({
  traffic: (): Traffic => ({ readsPerSecond, writesPerSecond }),
  viewsUsing: () => [],
});

describe('findHazards', () => {
  it.each([
    'create index concurrently i on t (c)',
    'drop index concurrently t_a_idx',
    'reindex table concurrently t',
    'set work_mem = 1',
    'alter table t add z timestamptz default now()',
    'alter table t add z date default current_date',
    'alter table t add z int not null default 2 + 2',
    'alter table t add z int generated always as (a + 1) virtual',
    'create domain any_int as int; alter table t add z any_int',
    'create table n (a int); alter table n add b bigint unique, add check (b > 0)',
    'create table n (a int); create index i on n (a); drop index i; drop table n',
    'create table n (a int); update n set a = 1; truncate n',
    'alter table t alter a set not null',
    'alter table t alter b type varchar(100)',
    'alter table t alter b type text',
    'alter table t alter n type numeric(12, 2)',
    'alter table t alter ts type timestamptz',
    'alter table t add constraint k check (a > 0) not valid',
    'alter table t validate constraint ck_nv',
    'alter table t add constraint k unique using index t_u_idx',
    'alter table t add constraint k primary key using index t_u_idx',
    'alter index t_a_idx rename to i',
    'alter table t set (fillfactor = 80)',
    'create view v as select a from t',
    'vacuum t',
    'analyze t',
    'insert into t (id) values (1)',
    'select 1',
  ])('is silent about %s', (sql) => {
    expect(review(parser, sql).findings).toEqual([]);
  });

  it('says what waits, for how long at this size, and on what that is based', () => {
    // WHEN
    const found = onlyFinding('create index i on t (c)');

    // THEN
    expect(found).toMatchObject({
      rule: 'index-not-concurrent',
      severity: 'error',
      blocks: { what: 'writes', relations: [{ name: 't' }] },
      duration: { kind: 'range', fromMs: 83_334, toMs: 333_334 },
      saferRewrite: { kind: 'sql', statements: ['create index concurrently i on t (c)'] },
      link: 'docs/hazards.md#index-not-concurrent',
    });
    expect(found.duration.basis).toBe(
      'about 50000000 rows of t, of which 150 to 600 are sorted into an index in a millisecond',
    );
  });

  it('does not invent a time for a table that nobody knows', () => {
    const { duration } = onlyFinding({ sql: 'create index i on x (c)', blind: true });
    expect(duration).toMatchObject({ kind: 'unknown' });
  });

  it('tells a moment from work on every row', () => {
    expect(onlyFinding('alter table t drop column c').duration.kind).toBe('moment');
    expect(onlyFinding('alter table t alter a type bigint').blocks.what).toBe('reads and writes');
    expect(onlyFinding('update t set a = 1').blocks.what).toBe('nothing');
  });

  it('names the referenced table among those that wait', () => {
    const { blocks } = onlyFinding('alter table t drop constraint fk_nv');
    expect(blocks.relations.map(({ name }) => name)).toEqual(['t', 'o']);
  });

  it.each([
    [{ rows: 50_000_000 }, 'error'],
    [{ rows: 10_000 }, 'error'],
    [{ rows: -1 }, 'error'],
    [{ rows: 500, activity: traffic(400, 200) }, 'warning'],
    [{ rows: 50_000_000, activity: traffic(0, 0) }, 'warning'],
    [{ rows: 50_000_000, activity: traffic(0, 1) }, 'error'],
  ])('weighs work on every row by size and traffic: %j', (known, severity) => {
    expect(onlyFinding({ sql: 'alter table t alter c set not null', ...known }).severity).toBe(
      severity,
    );
  });

  it.each([
    'create index i on t (c)',
    'alter table t alter c set not null',
    'alter table t alter a type bigint',
    'alter table t add constraint k check (a > 0)',
    'alter table t add z uuid default gen_random_uuid()',
  ])('is silent about small tables: %s', (sql) => {
    expect(review(parser, { sql, rows: 9_999 }).findings).toEqual([]);
    expect(review(parser, { sql, rows: 500, activity: traffic(10, 1) }).findings).toEqual([]);
  });

  it('keeps an allowance for a table that is small here and large elsewhere', () => {
    const sql =
      '-- lockkeeper:allow set-not-null-scan: at night\nalter table t alter c set not null';
    expect(review(parser, { sql, rows: 500 })).toMatchObject({ findings: [], suppressed: [] });
    expect(review(parser, sql).suppressed).toMatchObject([{ reason: 'at night' }]);
  });

  it('does not weigh by size what breaks the old application', () => {
    expect(onlyFinding({ sql: 'alter table t drop column c', rows: 5 }).severity).toBe('error');
  });

  it('lets contract rename, warns when contract drops, and lets finalize drop', () => {
    const rename = 'alter table t rename column c to c_old';
    const drop = 'alter table t drop column c';
    expect(onlyFinding({ sql: rename, phase: 'migrate' }).severity).toBe('error');
    expect(review(parser, { sql: rename, phase: 'contract' }).findings).toEqual([]);
    expect(onlyFinding({ sql: drop, phase: 'contract' }).severity).toBe('warning');
    expect(review(parser, { sql: drop, phase: 'finalize' }).findings).toEqual([]);
  });

  it.each([
    ['do $$ begin end $$', 'expand', 'error'],
    ['do $$ begin end $$', 'contract', 'error'],
    ['do $$ begin end $$', 'plain', 'warning'],
    ['drop index t_a_idx', 'expand', 'warning'],
    ['alter table t add z float default my_function()', 'expand', 'warning'],
    ['alter table t add z bigint references o', 'expand', 'warning'],
    ['alter table t disable trigger all', 'finalize', 'error'],
  ] as const)('weighs %s in %s as %s', (sql, phase, severity) => {
    const severities = review(parser, { sql, phase }).findings.map((each) => each.severity);
    expect(severities).toContain(severity);
  });

  it('offers the steps of the version that the target runs', () => {
    const sql = 'alter table t alter c set not null';
    expect(onlyFinding(sql).saferRewrite).toEqual({
      kind: 'sql',
      statements: [
        'alter table t add constraint t_c_not_null not null c not valid',
        'alter table t validate constraint t_c_not_null',
      ],
    });
    expect(onlyFinding({ sql, version: 15 }).saferRewrite).toEqual({
      kind: 'sql',
      statements: [
        'alter table t add constraint t_c_not_null check (c is not null) not valid',
        'alter table t validate constraint t_c_not_null',
        'alter table t alter column c set not null',
        'alter table t drop constraint t_c_not_null',
      ],
    });
  });

  it('edits key words only, never a literal or a comment', () => {
    const sql = "create /* index */ index i on t (c) where c <> 'create index'";
    expect(onlyFinding(sql).saferRewrite).toEqual({
      kind: 'sql',
      statements: ["create /* index */ index concurrently i on t (c) where c <> 'create index'"],
    });
  });
});
