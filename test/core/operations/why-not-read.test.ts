import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SyncRule } from '../../../lib/core/operations/lowered.ts';
import { withQualifiedTables } from '../../../lib/core/operations/qualify-tables.ts';
import { whyNotRead } from '../../../lib/core/operations/why-not-read.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { columnOf, modelOf, tableOf } from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const items = tableOf('items', ['txt']);
const before = modelOf([items, tableOf('rates', ['pct', 'since'])]);
const renamed = tableOf('rates', [], {
  columns: [columnOf('percent', { physicalName: 'pct' }), columnOf('since')],
});
const rule = (up: string, down: string): SyncRule => ({
  table: items,
  oldColumn: 'txt',
  newColumn: 'txt',
  shadow: 'txt_lk_new',
  up,
  down,
  backfill: true,
});
const because = (up: string, down = 'txt', versionSchema?: string) =>
  whyNotRead(rule(up, down), { parser, before, after: modelOf([items, renamed]), versionSchema })
    ?.why;

describe('a subquery of up or down', () => {
  it('may not read a column that the migration renames: at contract it is called otherwise', () => {
    expect(because('(select pct from rates limit 1)')).toMatch(
      /^up reads column pct of rates, which this migration changes as well/,
    );
    expect(because('(select since from public.rates)')).toBeUndefined();
    expect(because('txt || pct')).toBeUndefined();
  });

  it('may read it under its new name where views of the version have it', () => {
    const down = '(select percent::text from rates)';
    expect(because('txt', down)).toMatch(/^down reads column percent of rates/);
    expect(because('txt', down, 'public_0001')).toBeUndefined();
  });

  it('means the tables of the schema, whatever the search path of who writes', () => {
    const text = 'with r as (select 1) select pct from rates as q, r, rates, other.rates';
    expect(withQualifiedTables(parser, text, { model: before })).toBe(
      'with r as (select 1) select pct from public.rates as q, r, public.rates, other.rates',
    );
    expect(withQualifiedTables(parser, text, { model: before, views: 'public_0001' })).toBe(
      'with r as (select 1) select pct from public_0001.rates as q, r, public_0001.rates, other.rates',
    );
  });

  it('keeps the name of a table that is renamed at contract', () => {
    const clients = tableOf('clients', [], { physicalName: 'customers' });
    const seen = { model: modelOf([clients]) };
    expect(withQualifiedTables(parser, 'exists (select from clients)', seen)).toBe(
      'exists (select from public.customers as clients)',
    );
  });
});
