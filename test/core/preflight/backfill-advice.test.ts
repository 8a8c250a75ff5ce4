import { describe, expect, it } from '@jest/globals';
import type { StepId } from '../../../lib/core/ids.ts';
import {
  backfillAdvice,
  type FilledTable,
  type NewIndex,
  type TableIndex,
} from '../../../lib/core/preflight/backfill-advice.ts';

const index = (name: string, column: string, queriesOnly = true): TableIndex => ({
  name,
  columns: [column],
  queriesOnly,
});
const USUAL: FilledTable = {
  stepId: 'fill' as StepId,
  table: 'public.items',
  filled: ['total'],
  indexes: [index('items_pkey', 'id', false), index('by_a', 'a'), index('by_b', 'b')],
  newIndexes: [],
  partitioned: false,
  facts: {
    updatesWalkedTable: true,
    keyKind: 'integer',
    keyOrder: 'clustered',
    secondaryIndexes: 2,
    fillfactor: 100,
    rowsPerPage: 40,
    pageBytes: 8_192,
    growth: undefined,
    listed: false,
    estimatedRows: 2_000_000,
  },
};
const BY_TOTAL: NewIndex = { stepId: 'look_up' as StepId, name: 'by_total', columns: ['total'] };

const given = (change: Partial<FilledTable>, facts: Partial<FilledTable['facts']> = {}) =>
  backfillAdvice({ ...USUAL, ...change, facts: { ...USUAL.facts, ...facts } });
const kinds = (...change: Parameters<typeof given>) => given(...change).map(({ kind }) => kind);

describe('backfillAdvice', () => {
  it('says what fillfactor would do for the next backfill, and on what that is based', () => {
    expect(given({})).toEqual([
      {
        kind: 'fillfactor',
        severity: 'advise',
        message:
          'public.items has fillfactor 100 and 2 indexes beside its key: not each of the about 2000000 rows that backfill fill updates finds room on its page',
        fix: expect.stringMatching(
          /^if it will be filled again, alter table public.items set \(fillfactor = 70\).* the table should not be rewritten for it/,
        ),
      },
    ]);
  });

  it.each<[string, Partial<FilledTable>, Partial<FilledTable['facts']>]>([
    ['there is room already', {}, { fillfactor: 90 }],
    ['HOT updates spare next to nothing', {}, { secondaryIndexes: 1 }],
    ['the table is done in two minutes', {}, { estimatedRows: 999_999 }],
    ['nobody knows how large it is', {}, { estimatedRows: -1 }],
    ['another table is written', {}, { updatesWalkedTable: false }],
    ['the order of the key spreads a batch as it is', {}, { keyOrder: 'scattered' }],
    ['its rows are in partitions', { partitioned: true }, {}],
  ])('is silent about it where %s', (_why, change, facts) => {
    expect(given(change, facts)).toEqual([]);
  });

  it('would have an index on the filled column made after the backfill', () => {
    expect(given({ newIndexes: [BY_TOTAL, { ...BY_TOTAL, columns: ['a'] }] })).toEqual([
      {
        kind: 'indexed-backfill',
        severity: 'advise',
        message:
          'step look_up makes index by_total on total before backfill fill fills it: no update can be HOT, so each of about 2000000 rows of public.items gets a new entry in all 5 indexes',
        fix: 'make it after the backfill, in validate, unless the application needs it earlier; measured without: twice the rows a second with half the WAL, the time of building it not counted',
      },
    ]);
  });

  it('leaves it to the author whether an index can be away, and says the risk', () => {
    const found = given({ indexes: [...USUAL.indexes, index('by_total', 'total')] });
    expect(found).toEqual([
      {
        kind: 'indexed-backfill',
        severity: 'advise',
        message: expect.stringMatching(/^backfill fill sets total, which is in index by_total: /),
        fix: expect.stringMatching(/^only if no query misses it meanwhile/),
      },
    ]);
  });

  it('has nothing to say of an index that more than queries rest on', () => {
    const unique = index('one_total', 'total', false);
    expect(kinds({ indexes: [unique] })).toEqual([]);
    // AND dropping another one beside it would make no update HOT
    expect(kinds({ indexes: [unique, index('by_total', 'total')] })).toEqual([]);
    // AND without strides few updates would be HOT anyway
    const byTotal = [index('by_total', 'total')];
    expect(kinds({ indexes: byTotal }, { keyKind: 'unhashable' })).toEqual([]);
    // AND a new one is still better made later, for less
    const [later] = given({ indexes: [unique], newIndexes: [BY_TOTAL] });
    expect(later?.fix).toMatch(/needs it earlier$/);
  });
});
