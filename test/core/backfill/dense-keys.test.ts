import { describe, expect, it } from '@jest/globals';
import { cutByNumbers, isDense } from '../../../lib/core/backfill/dense-keys.ts';

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

describe('a dense range', () => {
  it('has a row for at least four of five numbers', () => {
    const range = { after: ['-50'], through: ['50'], stride: undefined };
    expect(isDense(KEY, range, 80)).toBe(true);
    expect(isDense(KEY, range, 79)).toBe(false);
  });

  it('is measured in numbers of its stride', () => {
    const stride = { modulus: 8, index: 1, by: 'value' } as const;
    expect(isDense(KEY, { after: ['0'], through: ['800'], stride }, 80)).toBe(true);
    expect(isDense(KEY, { after: ['0'], through: ['800'], stride }, 79)).toBe(false);
  });

  it('is one of an integer key, and has a beginning', () => {
    const range = { after: ['0'], through: ['10'], stride: undefined };
    expect(isDense([{ name: 'id', type: 'numeric' }], range, 10)).toBe(false);
    expect(isDense([...KEY, { name: 'part', type: 'bigint' }], range, 10)).toBe(false);
    expect(isDense(KEY, { ...range, after: undefined }, 10)).toBe(false);
  });

  it('is told exactly where numbers are too large for a double', () => {
    const range = { after: ['9223372036854775797'], through: ['9223372036854775807'] };
    expect(isDense(KEY, { ...range, stride: undefined }, 8)).toBe(true);
    expect(isDense(KEY, { ...range, stride: undefined }, 7)).toBe(false);
  });
});

describe('a batch that is cut by numbers', () => {
  it('opens a window over as many numbers as it should have keys', () => {
    expect(cutByNumbers(between, wish, GOAL)).toMatchObject({
      range: { after: ['-100'], through: ['-20'], stride: { modulus: 8, index: 0 } },
      keys: 10,
      remainder: true,
    });
  });

  it('is a part of a stride that is too large', () => {
    const batch = cutByNumbers(inside, { ...wish, rows: 10 }, GOAL);
    expect(batch).toMatchObject({
      range: { after: ['0'], through: ['80'], stride: { modulus: 8, index: 3 } },
      next: { kind: 'inside', index: 3, within: ['80'] },
    });
  });

  it('ends at the last key, however many numbers were wished', () => {
    const plain = { ...wish, rows: 5_000, modulus: 1 };
    expect(cutByNumbers(between, plain, GOAL)).toMatchObject({
      range: { after: ['-100'], through: GOAL, stride: undefined },
      next: { kind: 'end' },
    });
    const largest = ['9223372036854775807'];
    expect(
      cutByNumbers({ ...between, after: ['9223372036854775000'] }, plain, largest),
    ).toMatchObject({ range: { through: largest }, next: { kind: 'end' } });
  });

  it('is not made where only a look at the table tells its end', () => {
    const byHash = { ...inside, window: { ...window, by: 'hash' } } as const;
    expect(cutByNumbers({ ...between, after: undefined }, wish, GOAL)).toBeUndefined();
    expect(cutByNumbers(between, { ...wish, strict: true }, GOAL)).toBeUndefined();
    expect(cutByNumbers(byHash, { ...wish, rows: 10 }, GOAL)).toBeUndefined();
    // A whole stride has its end already.
    expect(cutByNumbers(inside, wish, GOAL)).toBeUndefined();
  });
});
