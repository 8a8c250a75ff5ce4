import { alone, inFile, type RuleCases } from '../hazard-case.ts';

const NEW = 'create table n (a int, b bigint);';

export const TRANSACTION_CASES: RuleCases = {
  'concurrently-in-transaction': {
    fires: [
      inFile('create index concurrently i on t (c)'),
      alone('begin; drop index concurrently t_a_idx; commit'),
      inFile('vacuum t'),
    ],
    silent: [
      alone('create index concurrently i on t (c)'),
      'create index concurrently i on t (c)',
      inFile('create index i on t (c)'),
    ],
  },
  'begin-in-transaction': {
    fires: [
      inFile('begin; alter table t add z int; commit'),
      alone('begin; begin; select 1; commit'),
      alone('commit'),
    ],
    silent: [
      alone('begin; alter table t add z int; commit'),
      inFile('savepoint s; select 1; release s'),
      alone('start transaction; select 1; rollback'),
    ],
  },
  'transaction-left-open': {
    fires: [
      alone('begin; alter table t add z int'),
      alone('select 1; start transaction; select 1'),
      alone('begin; select 1; commit; begin; select 1'),
    ],
    silent: [
      alone('begin; select 1; commit'),
      inFile('alter table t add z int'),
      alone('begin; select 1; rollback'),
    ],
  },
  'ddl-plus-backfill': {
    fires: [
      inFile('alter table t add z int; update t set z = a'),
      alone('begin; alter table t add z int; update t set z = a where z is null; commit'),
      inFile('delete from o; alter table t add z int'),
    ],
    silent: [
      alone('alter table t add z int; update t set z = a'),
      inFile(`${NEW} insert into n select a from t`),
      inFile('alter table t add z int; insert into o (id) values (1)'),
      'alter table t add z int; update t set z = a',
    ],
  },
  'statements-after-exclusive-lock': {
    fires: [
      inFile('alter table t add z int; create index i on o (x)'),
      inFile('alter table o add z int; select count(*) from t'),
      alone('begin; alter table t add z int; alter table t alter c set not null; commit'),
    ],
    silent: [
      alone('alter table t add z int; create index i on o (x)'),
      inFile('create index i on o (x); alter table t add z int'),
      inFile('alter table t add z int; alter table t add y int'),
      inFile(`${NEW} create index i on n (a)`),
    ],
  },
  'validate-in-same-transaction': {
    fires: [
      inFile(
        'alter table t add constraint k check (a > 0) not valid; alter table t validate constraint k',
      ),
      inFile('alter table t add z int; alter table t validate constraint ck_nv'),
      alone(
        'begin; alter table t add constraint k foreign key (oid_) references o not valid; alter table t validate constraint k; commit',
      ),
    ],
    silent: [
      alone(
        'alter table t add constraint k check (a > 0) not valid; alter table t validate constraint k',
      ),
      'alter table t add constraint k check (a > 0) not valid; alter table t validate constraint k',
      inFile('alter table t validate constraint ck_nv'),
      inFile('alter table o add z int; alter table t validate constraint ck_nv'),
    ],
  },
  'multi-table-transaction': {
    fires: [
      inFile('alter table t add z int; alter table o add z int'),
      alone('begin; alter table t add z int; drop table td; commit'),
      inFile('alter table t add z int; select 1; alter table o rename x to y'),
    ],
    silent: [
      inFile('alter table t add z int; alter table t add y int'),
      inFile(`${NEW} alter table n add z int; alter table t add z int`),
      alone('alter table t add z int; alter table o add z int'),
    ],
  },
  'multiple-foreign-keys': {
    fires: [
      inFile(
        'alter table t add foreign key (oid_) references o not valid; alter table td add foreign key (id) references o not valid',
      ),
      inFile('alter table t add y bigint references o; alter table t add z bigint references o'),
      alone(
        'begin; alter table t add y bigint references o; alter table td add z bigint references o; commit',
      ),
    ],
    silent: [
      inFile('alter table t add foreign key (oid_) references o not valid'),
      inFile('create table n (a bigint references o, b bigint references o)'),
      alone('alter table t add y bigint references o; alter table t add z bigint references o'),
    ],
  },
  'enum-value-used-at-once': {
    fires: [
      inFile("alter type st add value 'z'; insert into t (c) values ('z')"),
      inFile("alter type st add value 'z'; alter table t alter c set default 'z'"),
      alone("begin; alter type st add value 'z'; update t set c = 'z' where id = 1; commit"),
    ],
    silent: [
      alone("alter type st add value 'z'; insert into t (c) values ('z')"),
      inFile("alter type st add value 'z'; insert into t (c) values ('x')"),
      inFile("insert into t (c) values ('z'); alter type st add value 'z'"),
    ],
  },
  'drop-and-create': {
    fires: [
      inFile('drop table if exists t; create table t (a int)'),
      'drop table t; select 1; create table t (a int)',
      alone('drop table o cascade; create table o as select 1'),
    ],
    silent: [
      inFile('create table n (a int); drop table n'),
      inFile('drop table t; create table u (a int)'),
      inFile('drop view vw; create view vw as select 1'),
    ],
  },
};

const BUILD = 'create index concurrently i on t (c)';

export const TIMEOUT_CASES: RuleCases = {
  'short-lock-timeout-on-concurrently': {
    fires: [
      alone(`set lock_timeout = '5s'; ${BUILD}`),
      alone('set lock_timeout to 1000; drop index concurrently t_a_idx'),
      alone("set lock_timeout = '2s'; reindex table concurrently t"),
    ],
    silent: [
      alone(`set lock_timeout = 0; ${BUILD}`),
      alone(`set lock_timeout = '5s'; reset lock_timeout; ${BUILD}`),
      alone(`set statement_timeout = '5s'; ${BUILD}`),
      alone(`begin; set local lock_timeout = '2s'; alter table t add z int; commit; ${BUILD}`),
    ],
  },
  'lock-timeout-after-lock': {
    fires: [
      inFile("alter table t add z int; set lock_timeout = '2s'"),
      inFile("drop table td; select 1; set local lock_timeout = '2s'; alter table t add z int"),
      alone("create index i on t (c); set lock_timeout = '1s'"),
    ],
    silent: [
      inFile("set lock_timeout = '2s'; alter table t add z int"),
      inFile(`${NEW} set lock_timeout = '2s'; alter table t add z int`),
      inFile("set lock_timeout = '2s'; alter table t add z int; set lock_timeout = '3s'"),
    ],
  },
};

export const SEQUENCE_CASES: RuleCases = {
  'index-replace-gap': {
    fires: [
      'drop index concurrently t_a_idx; create index concurrently i on t (a, c)',
      inFile('drop index t_a_idx; create index i on t (a, c)'),
      alone('drop index concurrently t_a_idx; select 1; create index concurrently i on t (b)'),
    ],
    silent: [
      'create index concurrently i on t (a, c); drop index concurrently t_a_idx',
      'drop index concurrently t_a_idx; create index concurrently i on o (x)',
      'drop index concurrently t_a_idx',
    ],
  },
  'fk-missing-index': {
    fires: [
      'alter table t add constraint k foreign key (oid_) references o not valid',
      'create table n (a bigint references o)',
      'create table n (a bigint, b int, foreign key (a) references o); create index i on n (b, a)',
    ],
    silent: [
      'create table n (a bigint references o); create index i on n (a)',
      'create table n (a bigint primary key references o)',
      'create index concurrently i on t (oid_); alter table t add constraint k foreign key (oid_) references o not valid',
      { sql: 'alter table x add constraint k foreign key (y) references z not valid', blind: true },
    ],
  },
  'fk-type-mismatch': {
    fires: [
      'create table n (a int references o)',
      'alter table t add constraint k foreign key (a) references o not valid',
      'create table m (id uuid primary key); create table n (a text references m (id))',
    ],
    silent: [
      'create table n (a bigint references o)',
      'create table m (id bigserial primary key); create table n (a bigint references m)',
      { sql: 'alter table x add constraint k foreign key (y) references z not valid', blind: true },
    ],
  },
  'multiple-alters': {
    fires: [
      inFile('alter table t add y int; alter table t add z int'),
      alone("alter table t add z int; alter table t alter c set default ''"),
      inFile('alter table t add y int; alter table t add z int; select 1'),
    ],
    silent: [
      inFile('alter table t add y int; alter table o add z int'),
      inFile(
        'alter table t add constraint k check (a > 0) not valid; alter table t validate constraint k',
      ),
      inFile('alter table t alter a set not null; alter table t drop constraint a_nn'),
      'alter table t add y int; alter table t add z int',
    ],
  },
  'not-rerunnable': {
    fires: [
      alone('create table n (a int); select 1'),
      alone('alter table t add z int; create index i on t (c)'),
      alone('drop table td; drop table t'),
    ],
    silent: [
      alone('create table if not exists n (a int); select 1'),
      inFile('create table n (a int); select 1'),
      alone('begin; create table n (a int); commit'),
      alone('create table n (a int)'),
    ],
  },
  'unqualified-after-search-path': {
    fires: [
      inFile('set search_path = app; create table n (a int)'),
      alone('set search_path to app, public; drop view vw'),
      inFile('set local search_path = app; select 1; alter table t add z int'),
    ],
    silent: [
      inFile('set search_path = app; create table app.n (a int)'),
      inFile('create table n (a int)'),
      inFile('set search_path = app; reset search_path; create table n (a int)'),
    ],
  },
  'missing-lock-timeout': {
    fires: [
      inFile('alter table t add z int'),
      inFile("alter table t add z int; set lock_timeout = '2s'"),
      alone("set statement_timeout = '2s'; drop table td"),
    ],
    silent: [
      inFile("set lock_timeout = '2s'; alter table t add z int"),
      inFile(`${NEW} alter table n add z int`),
      alone(BUILD),
      'alter table t add z int',
    ],
  },
  'missing-statement-timeout': {
    fires: [
      inFile('create index i on t (c)'),
      inFile("set lock_timeout = '2s'; alter table t alter c set not null"),
      alone('alter table t alter a type bigint'),
    ],
    silent: [
      inFile("set statement_timeout = '10s'; create index i on t (c)"),
      inFile('alter table t add z int'),
      alone(BUILD),
    ],
  },
};

export const ALLOWANCE_CASES: RuleCases = {
  'allow-without-reason': {
    fires: [
      '-- lockkeeper:allow drop-column\nalter table t drop column c',
      '-- lockkeeper:allow drop-column:\nalter table t drop column c',
      '/* lockkeeper:allow truncate:  */\ntruncate t',
    ],
    silent: [
      '-- lockkeeper:allow drop-column: nobody reads it\nalter table t drop column c',
      "comment on table t is '-- lockkeeper:allow drop-column'",
      '-- allow drop-column\nalter table t drop column c',
    ],
  },
  'allow-unknown-rule': {
    fires: [
      '-- lockkeeper:allow drop-colum: typo\nalter table t drop column c',
      '-- lockkeeper:allow\nalter table t drop column c',
      '-- lockkeeper:allow : why\nselect 1',
    ],
    silent: [
      '-- lockkeeper:allow drop-column: nobody reads it\nalter table t drop column c',
      '-- lockkeeper:allow drop-column\nalter table t drop column c',
      "select '-- lockkeeper:allow nothing: at all'",
    ],
  },
  'allow-unused': {
    fires: [
      '-- lockkeeper:allow drop-column: nobody reads it\nselect 1',
      '-- lockkeeper:allow truncate: empty\nalter table t drop column c',
      '-- lockkeeper:allow drop-column: first\nselect 1; alter table t drop column c',
    ],
    silent: [
      '-- lockkeeper:allow drop-column: nobody reads it\nalter table t drop column c',
      '-- lockkeeper:allow rename-table: agreed\nalter table t rename to u; truncate o',
      '-- lockkeeper:allow drop-column\nselect 1',
    ],
  },
  'allow-misplaced': {
    fires: [
      'alter table t drop column c; -- lockkeeper:allow drop-column: nobody reads it\nselect 1',
      'alter table t drop column c;\n-- lockkeeper:allow drop-column: nobody reads it',
      'alter table t\n-- lockkeeper:allow drop-column: nobody reads it\ndrop column c',
    ],
    silent: [
      '-- lockkeeper:allow drop-column: nobody reads it\nalter table t drop column c',
      'select 1;\n\n  -- lockkeeper:allow truncate: empty\n  -- and more words\ntruncate t',
      '/* lockkeeper:allow truncate: empty */ truncate t',
    ],
  },
};
