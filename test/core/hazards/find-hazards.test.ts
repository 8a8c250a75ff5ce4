import { beforeAll, describe, expect, it } from '@jest/globals';
import { findHazards } from '../../../lib/core/hazards/find-hazards.ts';
import type { Finding } from '../../../lib/core/hazards/finding.ts';
import type { Phase } from '../../../lib/core/plan/plan.ts';
import { classify } from '../../../lib/core/sql/classify.ts';
import { afterStatement } from '../../../lib/core/sql/earlier.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { MEASURED_CATALOG } from '../sql/lock-facts/catalog.ts';
import { contextOf, statementsOf } from '../sql/statements.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

/** Findings about all statements of a text, on the tables of test/data/lock-facts.json. */
function hazardsOf(sql: string, phase: Phase = 'expand'): readonly Finding[] {
  let target = contextOf(parser, { catalog: MEASURED_CATALOG, timeZoneUtc: true });
  return statementsOf(parser, sql).flatMap((statement) => {
    const classification = classify(statement, target);
    const found = findHazards({ statement, classification, phase, target });
    target = afterStatement(target, statement, classification);
    return found;
  });
}

const FIRING: readonly (readonly [rule: string, severity: string, sql: string])[] = [
  ['index-not-concurrent', 'error', 'create index i on t (c)'],
  ['drop-index-not-concurrent', 'warning', 'drop index t_a_idx'],
  ['concurrently-if-not-exists', 'error', 'create index concurrently if not exists i on t (c)'],
  ['timeout-in-migration', 'error', `set lock_timeout = '1s'`],
  ['reindex-not-concurrent', 'error', 'reindex table t'],
  ['add-column-volatile-default', 'error', 'alter table t add z float default random()'],
  ['add-column-volatile-default', 'warning', 'alter table t add z int default my_function()'],
  ['add-column-serial', 'error', 'alter table t add z bigserial'],
  ['add-column-serial', 'error', 'alter table t add z int generated always as identity'],
  ['add-generated-stored', 'error', 'alter table t add z int generated always as (a + 1) stored'],
  [
    'add-column-constrained-domain',
    'warning',
    'create domain pos as int check (value > 0); alter table t add z pos',
  ],
  ['add-column-not-null-no-default', 'error', 'alter table t add z int not null'],
  ['add-column-inline-constraint', 'error', 'alter table t add z int check (z > 0)'],
  ['add-column-inline-constraint', 'error', 'alter table t add z int unique'],
  ['add-column-inline-constraint', 'error', 'alter table t add z bigint references o'],
  ['set-not-null-scan', 'error', 'alter table t alter c set not null'],
  ['alter-type-rewrite', 'error', 'alter table t alter a type bigint'],
  ['alter-type-rewrite', 'warning', 'alter table unknown_table alter a type bigint'],
  ['check-without-not-valid', 'error', 'alter table t add constraint k check (a > 0)'],
  [
    'fk-without-not-valid',
    'error',
    'alter table t add constraint k foreign key (oid_) references o',
  ],
  [
    'validate-in-same-statement',
    'error',
    'alter table t add constraint k check (a > 0) not valid, validate constraint k',
  ],
  ['unique-constraint-direct', 'error', 'alter table t add constraint k unique (a)'],
  ['primary-key-direct', 'error', 'alter table td add primary key (id)'],
  ['pk-using-index-nullable', 'error', 'alter table t add primary key using index t_j_idx'],
  [
    'exclusion-constraint',
    'error',
    'alter table t add constraint k exclude using btree (u with =)',
  ],
  ['drop-column', 'error', 'alter table t drop column c'],
  ['drop-object', 'error', 'drop table t cascade'],
  ['drop-object', 'error', 'drop view vw'],
  ['truncate', 'error', 'truncate t'],
  ['rename', 'error', 'alter table t rename to u'],
  ['rename', 'error', 'alter table t rename column c to d'],
  ['rename', 'error', `alter type st rename value 'x' to 'z'`],
  ['table-rewrite', 'error', 'vacuum full t'],
  ['table-rewrite', 'error', 'cluster t using t_a_idx'],
  ['table-rewrite', 'error', 'alter table t set unlogged'],
  ['unbatched-backfill', 'error', `update t set c = 'x' where a > 1`],
  ['unbatched-backfill', 'error', 'delete from t'],
  ['transaction-nesting', 'error', 'begin'],
  ['not-understood', 'warning', 'do $$ begin end $$'],
];

const SILENT: readonly string[] = [
  'create index concurrently i on t (c)',
  'create table n (a int); create index i on n (a); drop index i',
  'drop index concurrently t_a_idx',
  'reindex table concurrently t',
  'set work_mem = 1',
  'alter table t add z timestamptz default now()',
  'alter table t add z int not null default 5',
  'alter table t add z int generated always as (a + 1) virtual',
  'create domain any_int as int; alter table t add z any_int',
  'create table n (a int); alter table n add b bigserial unique, add check (b > 0)',
  'alter table t alter a set not null',
  'alter table t alter b type varchar(100)',
  'alter table t alter ts type timestamptz',
  'alter table t add constraint k check (a > 0) not valid',
  'alter table t add constraint k foreign key (oid_) references o not valid',
  'alter table t validate constraint ck_nv',
  'alter table t add constraint k unique using index t_u_idx',
  'alter table t add primary key using index t_u_idx',
  'create table n (a int); alter table n drop column a; drop table n',
  'alter index t_a_idx rename to i',
  'vacuum t',
  'alter table t set (fillfactor = 80)',
  `insert into t values (1)`,
  `create table n (a int); update n set a = 1`,
  'select 1',
];

describe('findHazards', () => {
  it.each(FIRING)('reports %s as %s: %s', (rule, severity, sql) => {
    // WHEN
    const findings = hazardsOf(sql);

    // THEN
    expect(findings.map((each) => [each.rule, each.severity])).toContainEqual([rule, severity]);
  });

  it.each(SILENT)('is silent about %s', (sql) => {
    expect(hazardsOf(sql)).toEqual([]);
  });

  it('offers SQL that can be pasted, and the offer has no hazard', () => {
    // GIVEN
    const statements = [
      'create unique index i on t (c)',
      'drop index t_a_idx',
      'reindex index t_a_idx',
    ];

    // WHEN
    const rewrites = statements.flatMap((sql) => hazardsOf(sql).map((each) => each.saferRewrite));

    // THEN
    expect(rewrites).toEqual([
      'create unique index concurrently i on t (c)',
      'drop index concurrently t_a_idx',
      'reindex index concurrently t_a_idx',
    ]);
    expect(rewrites.flatMap((sql) => hazardsOf(sql ?? ''))).toEqual([]);
  });

  it('says what others cannot do meanwhile', () => {
    expect(hazardsOf('create index i on t (c)')[0]?.blocks).toBe('writes');
    expect(hazardsOf('alter table t alter a type bigint')[0]?.blocks).toBe('reads and writes');
    expect(hazardsOf('update t set a = 1')[0]?.blocks).toBe('nothing');
  });

  it('lets contract rename, warns when contract drops, and lets finalize drop', () => {
    expect(hazardsOf('alter table t rename column c to c_old', 'contract')).toEqual([]);
    expect(hazardsOf('alter table t drop column c', 'contract')).toEqual([
      expect.objectContaining({ rule: 'drop-column', severity: 'warning' }),
    ]);
    expect(hazardsOf('alter table t drop column c', 'finalize')).toEqual([]);
  });
});
