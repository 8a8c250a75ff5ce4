import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { type CatalogProbe, probeFor } from '../../../lib/core/sql/probe.ts';
import { statementOf } from './statements.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const PROBED: readonly { readonly sql: string; readonly probe: CatalogProbe }[] = [
  {
    sql: 'create unique index concurrently "I" on s.t (a)',
    probe: { kind: 'index-valid', schema: 's', index: 'I', table: 't' },
  },
  {
    sql: 'create index concurrently i on t (a)',
    probe: { kind: 'index-valid', index: 'i', table: 't' },
  },
  {
    sql: 'drop index concurrently if exists s.i',
    probe: { kind: 'index-absent', schema: 's', index: 'i' },
  },
  {
    sql: 'alter table s.t validate constraint c',
    probe: { kind: 'constraint-validated', schema: 's', table: 't', constraint: 'c' },
  },
  {
    sql: 'alter table p detach partition s.p1 concurrently',
    probe: { kind: 'partition-detached', table: 'p', partitionSchema: 's', partition: 'p1' },
  },
];

describe('probeFor', () => {
  it.each(PROBED)('tells what to look for after: $sql', ({ sql, probe }) => {
    expect(probeFor(statementOf(parser, sql))).toEqual(probe);
  });

  it.each([
    'create index concurrently on t (a)',
    'create index i on t (a)',
    'drop index i',
    'reindex index concurrently i',
    'vacuum t',
    'alter table t validate constraint a, validate constraint b',
    'alter table p detach partition p1',
    'select 1',
  ])('has nothing to look for after: %s', (sql) => {
    expect(probeFor(statementOf(parser, sql))).toBeUndefined();
  });
});
