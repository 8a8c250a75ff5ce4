import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearest } from '../../../lib/core/migration/source/nearest.ts';

describe('nearest', () => {
  it.each([
    ['tabel', 'table'],
    ['expnad', 'expand'],
    ['Backfil', 'backfill'],
    ['up', undefined],
    ['colour', undefined],
  ])('takes %s for %s', (written, meant) => {
    expect(nearest(written, ['table', 'expand', 'backfill', 'id', 'undo'])).toBe(meant);
  });
});

describe('editDistance', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });

  it('is symmetric, 0 only for equal words, and at most the longer length', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right);
        expect(editDistance(right, left)).toBe(distance);
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
      }),
    );
  });
});
