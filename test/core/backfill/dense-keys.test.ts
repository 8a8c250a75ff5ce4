import { describe, expect, it } from '@jest/globals';
import { cutByNumbers, densityOf } from '../../../lib/core/backfill/dense-keys.ts';

const KEY = [{ name: 'id', type: 'bigint' }];
const GOAL = ['1000'];
const wish = { rows: 20, opening: 10, modulus: 8, by: 'value', strict: false } as const;
const between = { kind: 'between', after: ['-100'] } as const;
const window = {
  after: ['0'],
  through: ['160'],
  rowsPerStride: 20,
  modulus: 8,
  by: 'value',
} as const;
const inside = { kind: 'inside', window, index: 3, within: undefined } as const;

describe('the density of a key', () => {
  it('is known where at least four of five numbers are keys', () => {
    const range = { after: ['-50'], through: ['50'], stride: undefined };
    expect(densityOf(KEY, range, 100)).toBe(1);
    expect(densityOf(KEY, range, 80)).toBe(0.8);
    expect(densityOf(KEY, range, 79)).toBeUndefined();
  });

  it('is that of the numbers of its stride', () => {
    const stride = { modulus: 8, index: 1, by: 'value' } as const;
    const range = { after: ['0'], through: ['800'], stride };
    expect(densityOf(KEY, range, 90)).toBe(0.9);
    expect(densityOf(KEY, range, 79)).toBeUndefined();
    const unequal = { modulus: 2, index: 1, by: 'value', shares: [6, 2] } as const;
    expect(densityOf(KEY, { ...range, stride: unequal }, 190)).toBe(0.95);
  });

  it('is that of an integer key, in a range that has a beginning', () => {
    const range = { after: ['0'], through: ['10'], stride: undefined };
    expect(densityOf([{ name: 'id', type: 'numeric' }], range, 10)).toBeUndefined();
    expect(densityOf([...KEY, { name: 'part', type: 'bigint' }], range, 10)).toBeUndefined();
    expect(densityOf(KEY, { ...range, after: undefined }, 10)).toBeUndefined();
  });

  it('is told exactly where numbers are too large for a double', () => {
    const range = { after: ['9223372036854775797'], through: ['9223372036854775807'] };
    expect(densityOf(KEY, { ...range, stride: undefined }, 8)).toBe(0.8);
    expect(densityOf(KEY, { ...range, stride: undefined }, 7)).toBeUndefined();
  });
});

describe('a batch that is cut by numbers', () => {
  it('opens a window over as many numbers as it should have keys', () => {
    expect(cutByNumbers(between, wish, GOAL, 1)).toMatchObject({
      range: { after: ['-100'], through: ['-20'], stride: { modulus: 8, index: 0 } },
      keys: 10,
      remainder: false,
    });
  });

  it('opens one of unequal strides over whole blocks of numbers', () => {
    const unequal = { ...wish, opening: 40, modulus: 3, shares: [5, 4, 1] };
    expect(cutByNumbers(between, { ...unequal, opening: 44 }, GOAL, 1)).toMatchObject({
      range: { after: ['-100'], through: ['-20'], stride: { index: 0, shares: [5, 4, 1] } },
      keys: 40,
    });
    // Less than a block, where even that would be too much.
    expect(cutByNumbers(between, { ...unequal, opening: 3 }, GOAL, 1)).toMatchObject({
      range: { through: ['-94'] },
      keys: 3,
    });
  });

  it('expects fewer keys where some numbers are none', () => {
    const batch = cutByNumbers(between, wish, GOAL, 0.8);
    expect(batch).toMatchObject({ range: { through: ['-20'] }, keys: 8 });
    const plain = { ...wish, rows: 50, modulus: 1 };
    expect(cutByNumbers(between, plain, GOAL, 0.8)).toMatchObject({
      range: { through: ['-50'] },
      keys: 40,
    });
  });

  it('is a whole stride, or an equal part of one that is too large', () => {
    expect(cutByNumbers(inside, { ...wish, rows: 15 }, GOAL, 1)).toMatchObject({
      range: { after: ['0'], through: ['160'], stride: { modulus: 8, index: 3 } },
      keys: 20,
      next: { index: 4, within: undefined },
    });
    expect(cutByNumbers(inside, { ...wish, rows: 14 }, GOAL, 1)).toMatchObject({
      range: { after: ['0'], through: ['80'], stride: { modulus: 8, index: 3 } },
      keys: 10,
      next: { kind: 'inside', index: 3, within: ['80'] },
    });
    expect(cutByNumbers({ ...inside, within: ['80'] }, wish, GOAL, 1)).toMatchObject({
      range: { after: ['80'], through: ['160'] },
      keys: 10,
      next: { index: 4 },
    });
  });

  it('is as large as its share of the window', () => {
    const unequal = { ...window, rowsPerStride: 80, modulus: 3, shares: [5, 4, 1] } as const;
    const keys = [1, 2].map(
      (index) =>
        cutByNumbers({ ...inside, window: unequal, index }, { ...wish, rows: 99 }, GOAL, 1)?.keys,
    );
    expect(keys).toEqual([64, 16]);
  });

  it('ends at the last key, however many numbers were wished', () => {
    const plain = { ...wish, rows: 5_000, modulus: 1 };
    expect(cutByNumbers(between, plain, GOAL, 1)).toMatchObject({
      range: { after: ['-100'], through: GOAL, stride: undefined },
      remainder: true,
      next: { kind: 'end' },
    });
    const largest = ['9223372036854775807'];
    const near = { ...between, after: ['9223372036854775000'] };
    expect(cutByNumbers(near, plain, largest, 1)).toMatchObject({
      range: { through: largest },
      next: { kind: 'end' },
    });
  });

  it('is not made where only a look at the table tells its end', () => {
    const byHash = { ...inside, window: { ...window, by: 'hash' } } as const;
    expect(cutByNumbers({ ...between, after: undefined }, wish, GOAL, 1)).toBeUndefined();
    expect(cutByNumbers(between, { ...wish, strict: true }, GOAL, 1)).toBeUndefined();
    expect(cutByNumbers(byHash, { ...wish, rows: 10 }, GOAL, 1)).toBeUndefined();
  });
});
