import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Batch,
  type BatchWish,
  boundarySearch,
  cutBatch,
} from '../../../lib/core/backfill/batch.ts';
import { cutByNumbers } from '../../../lib/core/backfill/dense-keys.ts';
import type { KeyValue } from '../../../lib/core/backfill/key.ts';
import {
  type Position,
  parsePosition,
  START,
  type Walking,
  writePosition,
} from '../../../lib/core/backfill/position.ts';
import type { Stride } from '../../../lib/core/backfill/range.ts';
import { blockOf, placesOf } from '../../../lib/core/backfill/shares.ts';

/** A table in memory: sorted keys, one integer column. */
function inStride(key: number, stride: Stride | undefined): boolean {
  if (stride === undefined) return true;
  if (stride.shares !== undefined) {
    const block = blockOf(stride);
    const place = ((key % block) + block) % block;
    const { first, last } = placesOf(stride.shares, stride.index);
    return place >= first && place <= last;
  }
  const bits = stride.by === 'value' ? key : key * 7919;
  return (bits & (stride.modulus - 1)) === stride.index;
}

function keysOf(
  table: readonly number[],
  range: Pick<Batch['range'], 'after' | 'through' | 'stride'>,
): readonly number[] {
  const after = range.after === undefined ? Number.NEGATIVE_INFINITY : Number(range.after[0]);
  const through = Number(range.through[0]);
  return table.filter((key) => key > after && key <= through && inStride(key, range.stride));
}

const sizes = {
  rows: fc.integer({ min: 1, max: 30 }),
  opening: fc.integer({ min: 1, max: 30 }),
  strict: fc.boolean(),
};
const equal = fc.record<BatchWish>({
  ...sizes,
  modulus: fc.constantFrom(1, 2, 8, 16),
  by: fc.constantFrom('value', 'hash'),
});
const unequal: fc.Arbitrary<BatchWish> = fc
  .record({ ...sizes, shares: fc.constantFrom([3, 2, 1], [5, 4, 1], [1, 1], [8, 7, 5, 4, 1]) })
  .map((wish) => ({ ...wish, modulus: wish.shares.length, by: 'value' }));
const equalWishes = fc.infiniteStream(equal);
const wishes = fc.infiniteStream(fc.oneof(equal, unequal));
/** The density by which the end of a batch is counted out; undefined: it is looked for. */
const densities = (...known: readonly number[]) =>
  fc.infiniteStream(fc.constantFrom(undefined, ...known));
const never = (function* (): Generator<undefined, never> {
  for (;;) yield undefined;
})();
const tables = fc
  .uniqueArray(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 200 })
  .map((keys) => keys.sort((a, b) => a - b));

interface Moved {
  readonly wish: BatchWish;
  readonly batch: Batch;
  /** The keys of the table that are in the batch. */
  readonly keys: readonly number[];
}

/** Moves a whole table; after each batch the position goes through its stored form. */
function walk(
  table: readonly number[],
  sizes: Iterator<BatchWish>,
  byNumbers: Iterator<number | undefined> = never,
): readonly Moved[] {
  const goal = [String(table.at(-1))];
  const moved: Moved[] = [];
  let position: Position = START;
  while (position.kind !== 'end') {
    const wish: BatchWish = sizes.next().value;
    const density = byNumbers.next().value;
    const counted = density === undefined ? undefined : cutByNumbers(position, wish, goal, density);
    const batch = counted ?? cutBySearch(table, position, wish, goal);
    moved.push({ wish, batch, keys: keysOf(table, batch.range) });
    expect(writePosition(batch.next)).not.toBe(writePosition(position));
    position = parsePosition(writePosition(batch.next));
  }
  return moved;
}

function cutBySearch(
  table: readonly number[],
  position: Walking,
  wish: BatchWish,
  goal: KeyValue,
): Batch {
  const search = boundarySearch(position, wish, goal);
  const found = search === undefined ? undefined : keysOf(table, search)[search.keys - 1];
  return cutBatch(position, wish, goal, found === undefined ? undefined : [String(found)]);
}

describe('batches', () => {
  it('cover every key exactly once, however sizes, strategies and searches change on the way', () => {
    fc.assert(
      fc.property(tables, wishes, densities(0.8, 1), (table, sizes, byNumbers) => {
        // WHEN
        const visits = new Map(table.map((key) => [key, 0]));
        for (const { wish, keys } of walk(table, sizes, byNumbers)) {
          for (const key of keys) visits.set(key, (visits.get(key) ?? 0) + 1);
          if (wish.strict) expect(keys.length).toBeLessThanOrEqual(wish.rows);
        }

        // THEN
        expect(new Set(visits.values())).toEqual(new Set([1]));
      }),
    );
  });

  it('say how many keys they hold, up to what must be counted, when strides are equal and keys have no gaps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        equalWishes,
        densities(1),
        (rows, sizes, byNumbers) => {
          // GIVEN
          const table = Array.from({ length: rows }, (_, index) => index - 100);

          // WHEN
          const moved = walk(table, sizes, byNumbers);

          // THEN
          for (const { batch, keys } of moved) {
            if (batch.remainder) expect(keys.length).toBeLessThanOrEqual(batch.keys);
            else expect(keys).toHaveLength(batch.keys);
          }
        },
      ),
    );
  });

  it('count a whole stride as what its window has, whatever numbers it goes over', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (numbers, rowsPerStride) => {
          // GIVEN
          const cut = { rowsPerStride, modulus: 8, by: 'value' } as const;
          const window = { after: ['352'], through: [String(352 + numbers)], ...cut };
          const at = { kind: 'inside', window, index: 6, within: undefined } as const;
          const wish = { rows: rowsPerStride, modulus: 8, by: 'value', strict: false } as const;
          // WHEN / THEN
          expect(cutByNumbers(at, wish, ['9999999'], 1)?.keys).toBe(rowsPerStride);
        },
      ),
      // 94 * (12 / 94) is less than 12 in binary fractions.
      { examples: [[94, 12]] },
    );
  });

  it('say the most that what is left of the last stride can hold', () => {
    const cut = { rowsPerStride: 9, modulus: 16, by: 'value' } as const;
    const window = { after: ['-89'], through: ['48'], ...cut };
    const at = { kind: 'inside', window, index: 14, within: ['-9'] } as const;
    const wish = { rows: 28, modulus: 8, by: 'value', strict: false } as const;
    // -2, 14, 30 and 46
    expect(cutByNumbers(at, wish, ['48'], 1)).toMatchObject({ keys: 4, remainder: true });
  });

  it('need no search inside a window while the size fits its strides', () => {
    const window = {
      after: undefined,
      through: ['80'],
      rowsPerStride: 10,
      modulus: 8,
      by: 'value',
    } as const;
    const position = { kind: 'inside', window, index: 3, within: undefined } as const;
    const wish = { rows: 7, modulus: 8, by: 'value', strict: false } as const;
    expect(boundarySearch(position, wish, ['500'])).toBeUndefined();
    expect(boundarySearch(position, { ...wish, rows: 5 }, ['500'])).toMatchObject({ keys: 5 });
  });

  it('open a window in parts, until it is as large as the later strides should be', () => {
    // GIVEN
    const table = Array.from({ length: 400 }, (_, index) => index);
    const wish = { rows: 20, opening: 8, modulus: 8, by: 'value', strict: false } as const;
    const always = (function* (): Generator<BatchWish, never> {
      for (;;) yield wish;
    })();

    // WHEN
    const strides = walk(table, always).map(({ batch, keys }) => [
      batch.range.stride?.index,
      keys.length,
    ]);

    // THEN two parts of eight, which is as near to 20 as parts come, then seven strides of both
    const later = (keys: number) => [1, 2, 3, 4, 5, 6, 7].map((index) => [index, keys]);
    const parts = (...sizes: readonly number[]) => sizes.map((keys) => [0, keys]);
    const window = [...parts(8, 8), ...later(16)];
    expect(strides).toEqual([...window, ...window, ...window, ...parts(2), ...later(2)]);
  });

  it('close in on a row in the first stride of what a window grows by', () => {
    // GIVEN
    const window = {
      after: ['0'],
      through: ['64'],
      rowsPerStride: 8,
      modulus: 8,
      by: 'value',
    } as const;
    const position = { kind: 'opening', window } as const;
    const wish = { rows: 4, opening: 2, modulus: 8, by: 'value', strict: true } as const;

    // WHEN
    const search = boundarySearch(position, wish, ['500']);
    const { range, next } = cutBatch(position, wish, ['500'], ['96']);

    // THEN
    const stride = { modulus: 8, index: 0, by: 'value' };
    expect(search).toEqual({ after: ['64'], through: ['500'], stride, keys: 4 });
    expect(range).toEqual({ after: ['64'], through: ['96'], stride });
    const larger = { ...window, through: ['96'], rowsPerStride: 12, uneven: true };
    expect(next).toEqual({ kind: 'opening', window: larger });
  });

  it('fails to read a position that nobody wrote', () => {
    expect(() => parsePosition('{"kind":"beyond"}')).toThrow(SyntaxError);
  });
});
