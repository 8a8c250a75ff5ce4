import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Classification } from '../../../lib/core/sql/classification.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { classifyAll, contextOf } from './statements.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

/** The last statement's classification, with nothing known of the target. */
function last(sql: string, known = {}): Classification {
  const classification = classifyAll(contextOf(parser, known), sql).at(-1);
  if (classification === undefined) throw new TypeError(`no statement in ${sql}`);
  return classification;
}

describe('classify without a catalog', () => {
  it.each([
    ['do $$ begin drop table t; end $$'],
    ['call move_rows()'],
    ['select move_rows()'],
    ['select nobody_knows(a) from t'],
    ['drop schema s cascade'],
    ['drop owned by somebody'],
    ['create event trigger e on ddl_command_start execute function f()'],
  ])('fails closed where effects are hidden or no rule exists: %s', (sql) => {
    expect(last(sql)).toMatchObject({
      understood: false,
      lockPolicy: 'strong',
      strongestLock: 'AccessExclusiveLock',
      rewrites: 'unknown',
      mayLockMore: true,
      mayRunLong: true,
    });
  });

  it.each([
    ['alter table t alter column a type bigint'],
    ['alter table t add column z my_type'],
    ['alter table t add column z int default my_function()'],
    ['alter table t alter column a type timestamptz'],
  ])('says that a rewrite is possible: %s', (sql) => {
    expect(last(sql)).toMatchObject({ rewrites: 'unknown', mayRunLong: true, understood: true });
  });

  it.each([
    ['alter table t add column z int', 'no'],
    ['alter table t add column z text default lower(version())', 'no'],
    ['alter table t add column z uuid default gen_random_uuid()', 'yes'],
    ['alter table t alter column a type text using upper(a)', 'yes'],
  ])('knows without a catalog whether %s rewrites: %s', (sql, rewrites) => {
    expect(last(sql).rewrites).toBe(rewrites);
  });

  it('tells that dropping a constraint may lock a table nobody named', () => {
    expect(last('alter table t drop constraint fk')).toMatchObject({
      strongestLock: 'AccessExclusiveLock',
      mayLockMore: true,
    });
  });
});

describe('lock policy', () => {
  it.each([
    ['create table t (a int)', 'none'],
    ['create function f() returns int language sql as $$ select 1 $$', 'none'],
    ['insert into t values (1)', 'none'],
    ['update t set a = 1', 'none'],
    ['select 1', 'none'],
    ['create table t (a int references o)', 'strong'],
    ['create index i on t (a)', 'strong'],
    ['alter table t add column a int', 'strong'],
    ['create trigger g before insert on t for each row execute function f()', 'strong'],
    ['comment on table t is null', 'strong'],
    ['vacuum full t', 'strong'],
    ['create index concurrently i on t (a)', 'online'],
    ['drop index concurrently i', 'online'],
    ['reindex table concurrently t', 'online'],
    ['alter table t validate constraint c', 'online'],
    ['alter table p detach partition p1 concurrently', 'online'],
    ['vacuum t', 'online'],
    ['analyze t', 'online'],
    ['alter table t validate constraint c, add column a int', 'strong'],
  ])('of %s is %s', (sql, policy) => {
    expect(last(sql).lockPolicy).toBe(policy);
  });

  it('is none for what an earlier statement of the migration made', () => {
    // GIVEN
    const sql = 'create table t (a int); alter table public.t add constraint c check (a > 0)';

    // WHEN
    const classification = last(sql);

    // THEN
    expect(classification).toMatchObject({ lockPolicy: 'none', locks: [], scans: [] });
  });

  it('is not none for a table of the same name in another schema', () => {
    expect(last('create table archive.t (a int); alter table t add b int').lockPolicy).toBe(
      'strong',
    );
  });

  it('stays strong for the existing side of a new foreign key', () => {
    // GIVEN
    const sql =
      'create table t (a int); alter table t add constraint f foreign key (a) references o';

    // WHEN
    const { locks } = last(sql);

    // THEN
    expect(locks.map(({ relation, mode }) => `${relation.name} ${mode}`)).toEqual([
      'o ShareRowExclusiveLock',
      'o RowShareLock',
    ]);
  });

  it('follows a new table through its rename', () => {
    expect(last('create table t (a int); alter table t rename to u; drop table u').locks).toEqual(
      [],
    );
  });
});

describe('transactions and settings', () => {
  it.each([
    'create index concurrently i on t (a)',
    'drop index concurrently i',
    'reindex index concurrently i',
    'reindex schema public',
    'vacuum t',
    'alter table p detach partition p1 concurrently',
    'create database d',
    'drop database d',
    'alter system set work_mem = 1',
    'create tablespace s location $$/tmp$$',
    'cluster',
    'discard all',
  ])('%s cannot run in a transaction', (sql) => {
    expect(last(sql).transactional).toBe(false);
  });

  it.each(['begin', 'commit', 'rollback', 'savepoint a', 'start transaction', 'release a'])(
    '%s controls the transaction',
    (sql) => {
      expect(last(sql)).toMatchObject({ transactionControl: true, understood: true });
    },
  );

  it.each(['set lock_timeout = 0', `set local timezone = 'UTC'`, 'reset all', 'discard plans'])(
    '%s changes the session',
    (sql) => {
      expect(last(sql)).toMatchObject({ sessionSetting: true, lockPolicy: 'none' });
    },
  );
});

describe('what is lost and who breaks', () => {
  it.each([
    ['drop table s.t cascade', { kind: 'drop', what: 'table s.t', cascade: true }],
    ['drop schema s', { kind: 'drop', what: 'schema s', cascade: false }],
    ['drop type mood', { kind: 'drop', what: 'type mood', cascade: false }],
    ['alter table t drop column "A b"', { kind: 'drop', what: 'column t.A b', cascade: false }],
    ['truncate t', { kind: 'truncate', what: 'all rows of t', cascade: false }],
    ['delete from t', { kind: 'delete-all', what: 'all rows of t', cascade: false }],
    ['update t set a = 1', { kind: 'update-all', what: 'former values in t', cascade: false }],
  ])('%s destroys something', (sql, destruction) => {
    expect(last(sql).destructive).toEqual([destruction]);
  });

  it.each(['delete from t where a = 1', 'drop index i', 'alter table t add column a int'])(
    '%s destroys nothing',
    (sql) => {
      expect(last(sql).destructive).toEqual([]);
    },
  );

  it.each([
    ['alter table t rename to u', 'queries that name table t fail: it is called u'],
    ['alter table t rename column a to b', 'queries that name column a fail: it is called b'],
    ['alter table t drop column a', 'queries that name the column fail'],
    ['alter table t alter column a type bigint', 'the application reads another type'],
    ['alter table t alter column a set not null', 'writes of NULL fail'],
    [
      'alter table t add column a int not null',
      'inserts that do not know column a fail: it is NOT NULL without a default',
    ],
    ['drop view v', 'view v is gone'],
    ['revoke select on t from x', 'statements that need the privilege fail'],
  ])('%s breaks the old application', (sql, reason) => {
    expect(last(sql).breaksOldApplication).toBe(reason);
  });

  it.each([
    'alter table t add column a int not null default 0',
    'alter table t add column a bigserial',
    'alter index i rename to j',
    'create index i on t (a)',
    'drop index i',
    'create table t (a int); drop table t',
  ])('%s breaks nobody', (sql) => {
    expect(last(sql).breaksOldApplication).toBeUndefined();
  });
});

describe('names', () => {
  it('tells the name and table of an index, and that the server chooses when it has none', () => {
    expect(last('create index i on s.t (a)').objects).toEqual([
      expect.objectContaining({
        change: 'create',
        kind: 'index',
        schema: 's',
        name: 'i',
        table: { schema: 's', name: 't' },
      }),
    ]);
    expect(last('create index on t (a)').objects[0]?.name).toBeUndefined();
  });

  it('names the sub-commands of ALTER TABLE, and statements that are an operation of their own', () => {
    expect(last('alter table t add a int, drop b')).toMatchObject({
      statementKind: 'alter-table',
      subcommands: ['add-column', 'drop-column'],
    });
    expect(last('alter table t validate constraint c').statementKind).toBe('validate-constraint');
  });

  it('says which server a statement needs', () => {
    expect(last('alter table t add c int generated always as (a) virtual').requiresVersion).toBe(
      18,
    );
    expect(last('alter table t add c int generated always as (a) stored').requiresVersion).toBe(
      undefined,
    );
  });
});
