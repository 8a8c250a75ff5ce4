import type { RuleCases } from '../hazard-case.ts';

const NEW = 'create table n (a int);';
const TRIGGER = 'before insert on t for each row execute function f()';

export const REWRITE_CASES: RuleCases = {
  'table-rewrite': {
    fires: [
      'vacuum full t',
      'cluster t using t_a_idx',
      'alter table t set unlogged',
      'alter table t set tablespace fast',
    ],
    silent: [
      'vacuum t',
      'vacuum analyze t',
      `${NEW} alter table n set unlogged`,
      'alter table t cluster on t_a_idx',
    ],
  },
  'refresh-matview': {
    fires: [
      'refresh materialized view mv',
      { sql: 'refresh materialized view x', blind: true },
      { sql: 'refresh materialized view mv with no data', phase: 'plain' },
    ],
    silent: [
      'refresh materialized view concurrently mv',
      'create materialized view m as select 1; refresh materialized view m',
      'create materialized view m as select a from t',
    ],
  },
};

export const TRIGGER_CASES: RuleCases = {
  'create-trigger': {
    fires: [
      { sql: `create trigger g ${TRIGGER}`, phase: 'plain' },
      { sql: `create or replace trigger g ${TRIGGER}`, phase: 'contract' },
      { sql: `create trigger g ${TRIGGER}`, phase: 'migrate', blind: true },
    ],
    silent: [
      `create trigger g ${TRIGGER}`,
      {
        sql: `${NEW} create trigger g before insert on n for each row execute function f()`,
        phase: 'plain',
      },
      { sql: 'alter table t enable trigger g', phase: 'plain' },
    ],
  },
  'disable-trigger': {
    fires: [
      'alter table t disable trigger g',
      { sql: 'alter table t disable trigger all', phase: 'contract' },
      { sql: 'alter table t disable trigger user', phase: 'plain' },
    ],
    silent: [
      'alter table t enable trigger g',
      `${NEW} alter table n disable trigger g`,
      'alter table t enable always trigger g',
    ],
  },
  'explicit-lock': {
    fires: [
      'lock table t',
      'lock t in share mode',
      { sql: 'lock table x in exclusive mode', blind: true },
    ],
    silent: ['lock t in access share mode', 'lock t in row exclusive mode', `${NEW} lock table n`],
  },
};

const DEFINER = 'returns int language sql security definer';

export const ACCESS_CASES: RuleCases = {
  revoke: {
    fires: ['revoke select on t from app', 'revoke all on t from public', 'revoke admin from app'],
    silent: [
      'grant select on t to app',
      'grant admin to app',
      'alter default privileges grant select on tables to app',
    ],
  },
  'owner-change': {
    fires: [
      'alter table t owner to app',
      'alter function f(int) owner to app',
      'alter schema s owner to app',
    ],
    silent: [
      `${NEW} alter table n owner to app`,
      'grant app to other',
      'alter table t set (fillfactor = 80)',
    ],
  },
  'row-security': {
    fires: [
      'alter table t enable row level security',
      'alter table t force row level security',
      'alter table t disable row level security',
    ],
    silent: [
      `${NEW} alter table n enable row level security`,
      'create policy y on t using (true)',
      'alter table t add z int',
    ],
  },
  'security-definer-search-path': {
    fires: [
      `create function f() ${DEFINER} as 'select 1'`,
      `create or replace function f() ${DEFINER} as 'select 1'`,
      `create function f() ${DEFINER} set work_mem = '1MB' as 'select 1'`,
    ],
    silent: [
      `create function f() ${DEFINER} set search_path = '' as 'select 1'`,
      "create function f() returns int language sql as 'select 1'",
      "create function f() returns int language sql security invoker as 'select 1'",
    ],
  },
  'replica-identity': {
    fires: [
      'alter table t replica identity full',
      'alter table t replica identity nothing',
      { sql: 'alter table x replica identity full', blind: true },
    ],
    silent: [
      'alter table t replica identity using index t_u_idx',
      'alter table t replica identity default',
      `${NEW} alter table n replica identity full`,
    ],
  },
};

const LONG = 'a'.repeat(64);

export const DEPENDENCY_CASES: RuleCases = {
  'replaced-function': {
    fires: [
      "create or replace function f() returns int language sql as 'select 1'",
      { sql: "create or replace procedure f() language sql as 'select 1'", phase: 'contract' },
      {
        sql: "create or replace function s.f() returns int language sql as 'select 1'",
        phase: 'migrate',
      },
    ],
    silent: [
      "create function f() returns int language sql as 'select 1'",
      {
        sql: "create or replace function f() returns int language sql as 'select 1'",
        phase: 'plain',
      },
      'create or replace view v as select 1',
    ],
  },
  'extension-change': {
    fires: [
      'alter extension citext update',
      "alter extension citext update to '1.6'",
      { sql: 'alter extension postgis update', phase: 'plain' },
    ],
    silent: ['create extension citext', 'comment on extension citext is null', 'select 1'],
  },
  'identifier-too-long': {
    fires: [
      `create table ${LONG} (a int)`,
      `alter table t add "${LONG}" int`,
      `create index concurrently ${'é'.repeat(32)} on t (c)`,
    ],
    silent: [
      `create table ${'a'.repeat(63)} (a int)`,
      `comment on table t is '${LONG}'`,
      `alter table t add z int -- ${LONG}`,
    ],
  },
};

export const DATA_CASES: RuleCases = {
  'unbatched-backfill': {
    fires: [
      "update t set c = 'x' where a > 1",
      'delete from t',
      'insert into o (id) select id from t',
      { sql: 'update x set y = 1', blind: true, phase: 'plain' },
      'merge into t using o on t.id = o.id when matched then update set a = 1',
      'with gone as (delete from t returning id) insert into o (id) select id from gone',
    ],
    silent: [
      'insert into t (id) values (1)',
      `${NEW} update n set a = 1`,
      "update t set c = 'x' where id = 5",
      'delete from t where id in (1, 2)',
      'update t set a = 1 where current of c',
      'with gone as (delete from t where id = 1 returning id) insert into o (id) select id from gone',
      'insert into o (id) select g from generate_series(1, 5) g',
      { sql: 'update x set y = 1 where id = 5', blind: true },
    ],
  },
  'duplicate-column-assignment': {
    fires: [
      'update t set a = 1, a = 2 where id = 1',
      'insert into t (id, id) values (1, 2)',
      { sql: 'update x set y = 1, z = 2, y = 3 where id = 1', blind: true },
    ],
    silent: [
      'update t set a = 1, c = null where id = 1',
      'insert into t (id, a) values (1, 2)',
      'update t set (a, c) = (1, null) where id = 1',
    ],
  },
};

export const RUNNER_CASES: RuleCases = {
  'transaction-nesting': {
    fires: ['begin', 'commit', { sql: 'savepoint s', phase: 'contract' }],
    silent: [{ sql: 'begin; commit', phase: 'plain' }, 'select 1', 'alter table t add "begin" int'],
  },
  'timeout-in-migration': {
    fires: [
      "set lock_timeout = '1s'",
      { sql: 'set local statement_timeout = 0', phase: 'migrate' },
      { sql: 'set idle_in_transaction_session_timeout to 5000', phase: 'contract' },
    ],
    silent: [
      'set work_mem = 1',
      { sql: "set lock_timeout = '1s'", phase: 'plain' },
      'show lock_timeout',
    ],
  },
  'lock-timeout-ineffective': {
    fires: [
      { sql: 'set lock_timeout = 0', phase: 'plain' },
      { sql: "set local lock_timeout = '5min'", phase: 'plain' },
      { sql: 'set lock_timeout to 60000', phase: 'plain' },
    ],
    silent: [
      { sql: "set lock_timeout = '2s'", phase: 'plain' },
      { sql: "set statement_timeout = '5min'", phase: 'plain' },
      { sql: 'reset lock_timeout', phase: 'plain' },
    ],
  },
  'needs-newer-server': {
    fires: [
      { sql: 'alter table t add z int generated always as (a) virtual', version: 17 },
      { sql: 'alter table t add constraint k not null c not valid', version: 16 },
      { sql: 'alter table t add constraint k not null c', version: 15 },
      { sql: 'alter table p detach partition p1 concurrently', version: 13 },
      { sql: 'create unique index concurrently i on t (c) nulls not distinct', version: 14 },
      { sql: 'reindex table p', version: 13 },
    ],
    silent: [
      'alter table t add z int generated always as (a) virtual',
      { sql: 'alter table t alter c set not null', version: 13 },
      { sql: 'alter table p detach partition p1 concurrently', version: 14 },
      'alter table t add constraint k not null c not valid',
    ],
  },
  'not-understood': {
    fires: ['do $$ begin end $$', 'call f()', { sql: 'select move_rows()', phase: 'plain' }],
    silent: [
      'select 1',
      'drop schema s cascade',
      "create function f() returns int language sql as 'select 1'",
    ],
  },
};
