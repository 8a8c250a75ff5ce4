import type { RuleCases } from '../hazard-case.ts';

const ACTIVITY = {
  traffic: () => undefined,
  viewsUsing: (_: unknown, column: string) =>
    column === 'c' ? [{ schema: undefined, name: 'vw' }] : [],
};

export const TYPE_CHANGE_CASES: RuleCases = {
  'alter-type-rewrite': {
    fires: [
      'alter table t alter a type bigint',
      'alter table t alter b type varchar(20)',
      { sql: 'alter table x alter y type bigint', blind: true },
      'alter table t alter c type text using upper(c)',
    ],
    silent: [
      'alter table t alter b type varchar(100)',
      'alter table t alter b type text',
      'alter table t alter n type numeric(12, 2)',
      'alter table t alter ts type timestamptz',
      'create table n (a int); alter table n alter a type bigint',
    ],
  },
  'alter-type-with-check': {
    fires: [
      'alter table p3 alter k type oid',
      'alter table p3 alter column k type integer',
      { sql: 'alter table p3 alter k type oid', phase: 'plain' },
    ],
    silent: [
      'alter table t alter b type varchar(100)',
      'alter table p3 alter k type bigint',
      'alter table p3 alter id type oid',
    ],
  },
  'alter-type-narrowing': {
    fires: [
      'alter table t alter id type int',
      'alter table t alter b type varchar(20)',
      'alter table t alter n type numeric(10, 1)',
      'alter table t alter c type varchar(10)',
      'alter table t alter n type bigint',
    ],
    silent: [
      'alter table t alter a type bigint',
      'alter table t alter b type text',
      'alter table t alter c type varchar',
      'alter table t alter n type numeric(12, 2)',
      'alter table t alter a type numeric',
    ],
  },
  'alter-type-view-dependency': {
    fires: [
      { sql: 'alter table t alter c type varchar', activity: ACTIVITY },
      { sql: 'alter table t alter c type text using upper(c)', activity: ACTIVITY },
      { sql: 'alter table t alter b type text, alter c type varchar', activity: ACTIVITY },
    ],
    silent: [
      'alter table t alter c type varchar',
      { sql: 'alter table t alter b type text', activity: ACTIVITY },
      { sql: 'create table n (c int); alter table n alter c type bigint', activity: ACTIVITY },
    ],
  },
};

export const ENUM_AND_DOMAIN_CASES: RuleCases = {
  'enum-value-irreversible': {
    fires: [
      "alter type st add value 'z'",
      "alter type st add value if not exists 'z' after 'x'",
      { sql: "alter type s.e add value 'z'", blind: true, phase: 'plain' },
    ],
    silent: [
      "create type e as enum ('a'); alter type e add value 'b'",
      "alter type st rename value 'x' to 'z'",
      "create type e as enum ('a', 'b')",
    ],
  },
  'enum-value-order': {
    fires: [
      "alter type st add value 'z'",
      "alter type st add value if not exists 'z'",
      { sql: "alter type s.e add value 'z'", blind: true },
    ],
    silent: [
      "alter type st add value 'z' before 'x'",
      "alter type st add value 'z' after 'x'",
      "create type e as enum ('a'); alter type e add value 'b'",
    ],
  },
  'domain-constraint-scan': {
    fires: [
      'alter domain dm add constraint k check (value > 0)',
      'alter domain dm set not null',
      { sql: 'alter domain d add check (value > 0)', blind: true },
    ],
    silent: [
      'alter domain dm add constraint k check (value > 0) not valid',
      'create domain d as int; alter domain d add check (value > 0)',
      'alter domain dm drop constraint k',
      'alter domain dm set default 5',
    ],
  },
};
