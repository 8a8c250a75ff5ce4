import type { RuleCases } from '../hazard-case.ts';

const NEW = 'create table n (a int);';

export const REMOVAL_CASES: RuleCases = {
  'drop-column': {
    fires: [
      'alter table t drop column c',
      { sql: 'alter table t drop column c', phase: 'contract' },
      { sql: 'alter table x drop y', blind: true, phase: 'plain' },
    ],
    silent: [
      { sql: 'alter table t drop column c', phase: 'finalize' },
      `${NEW} alter table n drop column a`,
      'alter table t alter c drop default',
    ],
  },
  'drop-table': {
    fires: [
      'drop table t',
      { sql: 'drop table if exists x, y', blind: true },
      { sql: 'drop table t cascade', phase: 'contract' },
    ],
    silent: [{ sql: 'drop table t', phase: 'finalize' }, `${NEW} drop table n`, 'drop view vw'],
  },
  'drop-schema': {
    fires: [
      'drop schema s',
      'drop database d',
      { sql: 'drop schema s cascade', phase: 'contract' },
    ],
    silent: [{ sql: 'drop schema s', phase: 'finalize' }, 'create schema s', 'drop table t'],
  },
  'drop-object': {
    fires: [
      'drop view vw',
      'drop function f(int)',
      'drop trigger g on t',
      { sql: 'drop sequence s', phase: 'plain' },
      { sql: 'drop type st', phase: 'contract' },
    ],
    silent: [
      { sql: 'drop view vw', phase: 'finalize' },
      `${NEW} drop trigger g on n`,
      'drop index t_a_idx',
      'drop table t',
    ],
  },
  'drop-cascade': {
    fires: ['drop table t cascade', 'truncate o cascade', 'alter table t drop column c cascade'],
    silent: ['drop table t', `${NEW} drop table n cascade`, 'truncate t'],
  },
  'drop-table-many-fks': {
    fires: [
      'drop table hub',
      { sql: 'drop table hub', phase: 'finalize' },
      { sql: 'drop table if exists hub cascade', phase: 'plain' },
    ],
    silent: ['drop table t', 'drop table td', { sql: 'drop table hub', blind: true }],
  },
  'drop-key': {
    fires: [
      'alter table t drop constraint t_pkey',
      { sql: 'alter table o drop constraint o_pkey', phase: 'contract' },
      { sql: 'alter table o drop constraint o_pkey cascade', phase: 'plain' },
    ],
    silent: [
      'alter table t drop constraint ck_nv',
      { sql: 'alter table t drop constraint t_pkey', phase: 'finalize' },
      'alter table t drop constraint fk_nv',
    ],
  },
  truncate: {
    fires: [
      'truncate t',
      { sql: 'truncate table t, o', phase: 'finalize' },
      { sql: 'truncate x', blind: true },
    ],
    silent: [`${NEW} truncate n`, 'delete from t', "select 'truncate t'"],
  },
};

export const RENAME_CASES: RuleCases = {
  'rename-column': {
    fires: [
      'alter table t rename column c to d',
      { sql: 'alter table t rename c to d', phase: 'migrate' },
      { sql: 'alter table x rename y to z', blind: true, phase: 'plain' },
    ],
    silent: [
      { sql: 'alter table t rename column c to c_old', phase: 'contract' },
      `${NEW} alter table n rename a to b`,
      'alter table t rename constraint ck_nv to k',
    ],
  },
  'rename-table': {
    fires: [
      'alter table t rename to u',
      'alter view vw rename to v',
      'alter sequence s rename to r',
    ],
    silent: [
      { sql: 'alter table t rename to t_old', phase: 'contract' },
      `${NEW} alter table n rename to m`,
      'alter index t_a_idx rename to i',
    ],
  },
  'rename-object': {
    fires: [
      'alter schema s rename to r',
      'alter function f(int) rename to g',
      { sql: 'alter type st rename to su', phase: 'plain' },
    ],
    silent: [
      { sql: 'alter schema s rename to r', phase: 'contract' },
      'alter table t rename to u',
      'alter trigger g on t rename to h',
    ],
  },
  'rename-enum-value': {
    fires: [
      "alter type st rename value 'x' to 'z'",
      { sql: "alter type st rename value 'x' to 'z'", phase: 'plain' },
      { sql: "alter type s.e rename value 'x' to 'z'", blind: true },
    ],
    silent: [
      "alter type st add value 'z' after 'x'",
      { sql: "alter type st rename value 'x' to 'z'", phase: 'finalize' },
      'alter type st rename to su',
    ],
  },
  'set-schema': {
    fires: [
      'alter table t set schema s',
      { sql: 'alter view vw set schema s', phase: 'plain' },
      'alter function f(int) set schema s',
    ],
    silent: [
      { sql: 'alter table t set schema s', phase: 'contract' },
      `${NEW} alter table n set schema s`,
      'alter table t set (fillfactor = 80)',
    ],
  },
};
