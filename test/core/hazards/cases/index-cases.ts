import type { RuleCases } from '../hazard-case.ts';

export const INDEX_CASES: RuleCases = {
  'index-not-concurrent': {
    fires: [
      'create index i on t (c)',
      'create unique index i on t (c)',
      { sql: 'create index on public.t using gin (c)', blind: true },
    ],
    silent: [
      'create index concurrently i on t (c)',
      'create table n (a int); create index i on n (a)',
      'create index i on p (k)',
    ],
  },
  'partitioned-index-fanout': {
    fires: [
      'create index i on p (k)',
      'create unique index i on p (id, k)',
      'create index concurrently i on p (k)',
    ],
    silent: ['create index i on only p (k)', 'create index i on t (c)', 'create index i on p1 (k)'],
  },
  'drop-index-not-concurrent': {
    fires: [
      'drop index t_a_idx',
      'drop index if exists t_a_idx',
      { sql: 'drop index i', blind: true },
    ],
    silent: [
      'drop index concurrently t_a_idx',
      'create table n (a int); create index i on n (a); drop index i',
      'alter index t_a_idx rename to i',
    ],
  },
  'concurrently-if-not-exists': {
    fires: [
      'create index concurrently if not exists i on t (c)',
      'create unique index concurrently if not exists i on t (c)',
      { sql: 'create index concurrently if not exists i on public.t (c)', blind: true },
    ],
    silent: [
      'create index concurrently i on t (c)',
      'create index if not exists i on t (c)',
      "comment on table t is 'create index concurrently if not exists i on t (c)'",
    ],
  },
  'reindex-not-concurrent': {
    fires: ['reindex table t', 'reindex index t_a_idx', 'reindex (verbose) table t'],
    silent: [
      'reindex table concurrently t',
      'reindex (concurrently) index t_a_idx',
      'create table n (a int); reindex table n',
    ],
  },
  'concurrent-index-on-14': {
    fires: [
      { sql: 'create index concurrently i on t (c)', version: 14 },
      { sql: 'reindex table concurrently t', version: 14 },
      { sql: 'create unique index concurrently i on t (c)', version: 14, phase: 'plain' },
    ],
    silent: [
      'create index concurrently i on t (c)',
      { sql: 'create index concurrently i on t (c)', version: 15 },
      { sql: 'create index i on t (c)', version: 14 },
    ],
  },
  'hash-index': {
    fires: [
      'create index concurrently i on t using hash (c)',
      'create table n (a text); create index i on n using hash (a)',
      { sql: 'create index i on u using hash (c)', blind: true },
    ],
    silent: [
      'create index concurrently i on t (c)',
      'create index concurrently i on t using gin (c)',
      'create index concurrently hash on t (c)',
    ],
  },
  'wide-index': {
    fires: [
      'create index concurrently i on t (a, b, c, n)',
      'create index concurrently i on t (a, b, c, lower(c))',
      'create table n (a int, b int, c int, d int); create index i on n (a, b, c, d)',
    ],
    silent: [
      'create index concurrently i on t (a, b, c)',
      'create index concurrently i on t (a) include (b, c, n, ts)',
      'create unique index concurrently i on t (a, b, c, n)',
    ],
  },
  'redundant-index': {
    fires: [
      'create index concurrently i on t (a)',
      'create index concurrently i on t (id)',
      'create index concurrently i on o (id)',
    ],
    silent: [
      'create index concurrently i on t (a, c)',
      'create index concurrently i on t (a) where c is null',
      { sql: 'create index concurrently i on t (a)', blind: true },
    ],
  },
  'unique-on-existing-data': {
    fires: [
      'create unique index concurrently i on t (c)',
      'create unique index i on t (lower(c))',
      { sql: 'create unique index concurrently i on u (c)', blind: true },
    ],
    silent: [
      'create index concurrently i on t (c)',
      'create unique index concurrently i on t (id, c)',
      'create table n (a int); create unique index i on n (a)',
    ],
  },
};
