import type { RuleCases } from '../hazard-case.ts';

const ADD = 'alter table t add constraint k';
const NEW = 'create table n (a int, b bigint);';

export const CONSTRAINT_CASES: RuleCases = {
  'check-without-not-valid': {
    fires: [
      `${ADD} check (a > 0)`,
      'alter table t add check (a > 0)',
      `${ADD} check (a > 0), add z int`,
    ],
    silent: [
      `${ADD} check (a > 0) not valid`,
      `${NEW} alter table n add check (a > 0)`,
      'create table n (a int check (a > 0))',
    ],
  },
  'fk-without-not-valid': {
    fires: [
      `${ADD} foreign key (oid_) references o`,
      'alter table t add foreign key (oid_) references o (id)',
      { sql: 'alter table x add constraint k foreign key (y) references z', blind: true },
    ],
    silent: [
      `${ADD} foreign key (oid_) references o not valid`,
      `${NEW} alter table n add foreign key (b) references o`,
      'create table n (b bigint references o)',
    ],
  },
  'unique-constraint-direct': {
    fires: [
      `${ADD} unique (a)`,
      'alter table t add unique (a, c)',
      { sql: `${ADD} unique (a)`, blind: true },
    ],
    silent: [
      `${ADD} unique using index t_u_idx`,
      `${NEW} alter table n add unique (a)`,
      'create unique index concurrently i on t (a)',
    ],
  },
  'primary-key-direct': {
    fires: [
      'alter table td add primary key (id)',
      'alter table td add constraint k primary key (id)',
      { sql: 'alter table x add primary key (y)', blind: true },
    ],
    silent: [
      'alter table t add primary key using index t_u_idx',
      `${NEW} alter table n add primary key (a)`,
      'create table n (a int primary key)',
    ],
  },
  'pk-using-index-nullable': {
    fires: [
      'alter table t add primary key using index t_j_idx',
      'alter table t add constraint k primary key using index t_j_idx',
      { sql: 'alter table x add primary key using index i', blind: true },
    ],
    silent: [
      'alter table t add primary key using index t_u_idx',
      'alter table td add primary key (id)',
      `${ADD} unique using index t_j_idx`,
    ],
  },
  'exclusion-constraint': {
    fires: [
      `${ADD} exclude using btree (u with =)`,
      'alter table t add exclude using gist (c with =)',
      { sql: `${ADD} exclude using gist (c with &&)`, blind: true },
    ],
    silent: [
      `${NEW} alter table n add exclude using btree (a with =)`,
      'create table n (a int, exclude using btree (a with =))',
      `${ADD} unique using index t_u_idx`,
    ],
  },
  'unnamed-constraint': {
    fires: [
      'alter table t add check (a > 0) not valid',
      'alter table t add foreign key (oid_) references o not valid',
      'alter table td add primary key (id)',
    ],
    silent: [
      `${ADD} check (a > 0) not valid`,
      'alter table t add primary key using index t_u_idx',
      `${NEW} alter table n add check (a > 0)`,
    ],
  },
  'validate-in-same-statement': {
    fires: [
      `${ADD} check (a > 0) not valid, validate constraint k`,
      'alter table t add z int, validate constraint ck_nv',
      { sql: 'alter table x validate constraint a, drop column b', blind: true },
    ],
    silent: [
      'alter table t validate constraint ck_nv',
      'alter table t validate constraint ck_nv, validate constraint fk_nv',
      `${NEW} alter table n add constraint k check (a > 0) not valid, validate constraint k`,
    ],
  },
  'drop-fk-locks-parent': {
    fires: [
      'alter table t drop constraint fk_nv',
      'alter table t drop constraint if exists fk_nv',
      { sql: 'alter table t drop constraint fk_nv, drop constraint ck_nv', phase: 'plain' },
    ],
    silent: [
      'alter table t drop constraint ck_nv',
      'alter table t drop constraint a_nn',
      { sql: 'alter table t drop constraint fk_nv', blind: true },
    ],
  },
};

export const NOT_NULL_CASES: RuleCases = {
  'set-not-null-scan': {
    fires: [
      'alter table t alter c set not null',
      'alter table t add constraint k check (c is not null) not valid; alter table t alter c set not null',
      { sql: 'alter table t alter c set not null', version: 15 },
      { sql: 'alter table x alter y set not null', blind: true },
    ],
    silent: [
      'alter table t alter a set not null',
      'alter table t alter id set not null',
      'alter table t add constraint k check (c is not null) not valid; alter table t validate constraint k; alter table t alter c set not null; alter table t drop constraint k',
      `${NEW} alter table n alter a set not null`,
    ],
  },
  'set-not-null-with-dropped-check': {
    fires: [
      'alter table t alter a set not null, drop constraint a_nn',
      'alter table t drop constraint a_nn, alter a set not null',
      { sql: 'alter table x alter y set not null, drop constraint k', blind: true },
    ],
    silent: [
      'alter table t alter a set not null; alter table t drop constraint a_nn',
      'alter table t alter a set not null, drop constraint ck_nv',
      'alter table t alter c set not null',
    ],
  },
  'drop-not-null': {
    fires: [
      'alter table t alter id drop not null',
      { sql: 'alter table t alter u drop not null', phase: 'migrate' },
      { sql: 'alter table x alter y drop not null', blind: true, phase: 'plain' },
    ],
    silent: [
      { sql: 'alter table t alter id drop not null', phase: 'finalize' },
      { sql: 'alter table t alter id drop not null', phase: 'contract' },
      `${NEW} alter table n alter a drop not null`,
    ],
  },
  'change-default': {
    fires: [
      "alter table t alter c set default ''",
      'alter table t alter a set default 5',
      { sql: 'alter table x alter y set default now()', blind: true },
    ],
    silent: [
      'alter table t alter c drop default',
      { sql: 'alter table t alter a set default 5', phase: 'contract' },
      `${NEW} alter table n alter a set default 5`,
    ],
  },
};
