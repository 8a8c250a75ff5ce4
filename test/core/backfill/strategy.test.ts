import { describe, expect, it } from '@jest/globals';
import { chooseStrategy, type StrategyFacts } from '../../../lib/core/backfill/strategy.ts';

const USUAL: StrategyFacts = {
  updatesWalkedTable: true,
  indexedUpdate: undefined,
  keyKind: 'integer',
  keyOrder: 'clustered',
  secondaryIndexes: 2,
  fillfactor: 100,
  rowsPerPage: 45,
  pageBytes: 8_192,
  growth: undefined,
  listed: false,
  estimatedRows: 2_000_000,
  oldestSnapshotSeconds: 0,
  hotShare: { plain: undefined, strided: undefined },
};

const given = (facts: Partial<StrategyFacts>) => chooseStrategy({ ...USUAL, ...facts });

describe('chooseStrategy', () => {
  it('strides over a usual table, and says what that spares', () => {
    expect(given({})).toEqual({
      kind: 'strided',
      modulus: 8,
      reason: 'HOT updates spare 2 indexes',
    });
    expect(given({ secondaryIndexes: 0 })).toMatchObject({ kind: 'strided', reason: 'less bloat' });
    expect(given({ fillfactor: 70 }).reason).toBe('fillfactor 70 leaves room for HOT updates');
  });

  it('takes more strides for wide rows', () => {
    expect(given({ rowsPerPage: 9 })).toMatchObject({ modulus: 16 });
    expect(given({ rowsPerPage: undefined })).toMatchObject({ modulus: 8 });
  });

  it.each([
    [50, 4],
    [70, 4],
    [80, 4],
    [85, 8],
    [90, 8],
    [95, 8],
  ])(
    'takes fewer strides where pages have room: fillfactor %i, %i strides',
    (fillfactor, modulus) => {
      expect(given({ fillfactor })).toMatchObject({ modulus });
    },
  );

  it('makes strides as large as the room for them, where keys are listed and the growth is known', () => {
    const fitting = { listed: true, growth: 26 };
    const shares = [8, 7, 6, 5, 4, 4, 3, 3, 2, 2, 1];
    expect(given(fitting)).toEqual({
      kind: 'strided',
      modulus: 11,
      shares,
      reason: 'HOT updates spare 2 indexes',
    });
    expect(given({ ...fitting, listed: false })).not.toHaveProperty('shares');
    expect(given({ ...fitting, growth: undefined })).not.toHaveProperty('shares');
    expect(given({ ...fitting, workers: 2 })).not.toHaveProperty('shares');
    expect(given({ ...fitting, rowsPerPage: 9 })).not.toHaveProperty('shares');
    expect(given({ ...fitting, rowsPerPage: undefined })).not.toHaveProperty('shares');
    expect(given({ ...fitting, fillfactor: 70 })).toMatchObject({ modulus: 4 });
    expect(given({ ...fitting, fillfactor: 70 })).not.toHaveProperty('shares');
  });

  it('takes twice as many for several workers, whose batches keep what died in the visit before', () => {
    expect(given({ workers: 1 })).toMatchObject({ modulus: 8 });
    expect(given({ workers: 2 })).toMatchObject({ modulus: 16 });
    expect(given({ workers: 2, fillfactor: 70 })).toMatchObject({ modulus: 8 });
    expect(given({ workers: 2, fillfactor: 50 })).toMatchObject({ modulus: 4 });
  });

  it('needs no more strides for wide rows where pages have room', () => {
    expect(given({ fillfactor: 70, rowsPerPage: 9 })).toMatchObject({ modulus: 4 });
    expect(given({ fillfactor: 95, rowsPerPage: 9 })).toMatchObject({ modulus: 16 });
  });

  it.each<[string, Partial<StrategyFacts>, string]>([
    [
      'the updated column is indexed',
      { indexedUpdate: { column: 'email', index: 'items_email' } },
      'column email is in index items_email, so no update can be HOT',
    ],
    [
      'an old snapshot is held',
      { oldestSnapshotSeconds: 95 },
      'a snapshot of 95 s is held, so no dead row can be pruned',
    ],
    [
      'another table is written',
      { updatesWalkedTable: false },
      'the walked table itself is not updated',
    ],
    ['the table is small', { estimatedRows: 800 }, 'about 800 rows need no striding'],
    [
      'the key cannot be hashed',
      { keyKind: 'unhashable' },
      'the type of the key has no hash function',
    ],
    [
      'the key is random',
      { keyOrder: 'scattered' },
      'the order of the key already spreads a batch over many pages',
    ],
    [
      'striding was measured and does not pay',
      { hotShare: { plain: undefined, strided: 0.12 } },
      'striding made only 12% of the updates HOT',
    ],
  ])('takes plain ranges when %s', (_, facts, reason) => {
    expect(given(facts)).toEqual({ kind: 'plain', reason });
  });

  it('strides over a key that only seemed random, once plain ranges were measured', () => {
    const facts = { keyOrder: 'scattered', hotShare: { plain: 0.01, strided: undefined } } as const;
    expect(given(facts).kind).toBe('strided');
  });

  it('does not flutter: what was measured for both decides', () => {
    expect(given({ hotShare: { plain: 0.01, strided: 0.2 } }).kind).toBe('strided');
    expect(given({ hotShare: { plain: 0.25, strided: 0.2 } }).kind).toBe('plain');
    expect(given({ hotShare: { plain: 0, strided: 0.66 } }).reason).toBe(
      '66% of the updates are HOT',
    );
  });
});
