import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crewSize, type Part, shareOf, splitAt } from '../../../lib/core/backfill/split.ts';

const holds = ({ after, through }: Part, key: number): boolean =>
  (after === undefined || key > Number(after[0])) && key <= Number(through[0]);

const numbers = fc.integer({ min: -1_000, max: 1_000 });

describe('splitAt', () => {
  it('puts every key into exactly one part, whatever the boundaries', () => {
    const scenes = fc.record({
      goal: numbers,
      boundaries: fc.array(numbers, { maxLength: 7 }),
      keys: fc.array(numbers, { minLength: 1 }),
    });
    fc.assert(
      fc.property(scenes, ({ goal, boundaries, keys }) => {
        // GIVEN boundaries as a sample gives them: in order, perhaps repeated, never beyond the goal
        const below = boundaries.filter((key) => key <= goal).sort((a, b) => a - b);

        // WHEN
        const parts = splitAt(
          below.map((key) => [String(key)]),
          [String(goal)],
        );

        // THEN
        for (const key of [...keys, ...below, goal]) {
          const owners = parts.filter((part) => holds(part, key));
          expect(owners).toHaveLength(key <= goal ? 1 : 0);
        }
      }),
    );
  });

  it('begins before the first key and ends at the goal, without a part that holds nothing', () => {
    expect(splitAt([['3'], ['3'], ['9']], ['9'])).toEqual([
      { after: undefined, through: ['3'] },
      { after: ['3'], through: ['9'] },
    ]);
    expect(splitAt([], ['9'])).toEqual([{ after: undefined, through: ['9'] }]);
  });
});

describe('crewSize', () => {
  it.each([
    { wanted: 1, estimatedRows: 5, byPage: false, workers: 1, because: undefined },
    { wanted: 4, estimatedRows: 2_000_000, byPage: false, workers: 4, because: undefined },
    { wanted: 4, estimatedRows: 25_000, byPage: false, workers: 2, because: /25000 rows need no/ },
    { wanted: 4, estimatedRows: 7, byPage: false, workers: 1, because: /7 rows need no more/ },
    { wanted: 4, estimatedRows: -1, byPage: false, workers: 1, because: /is not known/ },
    { wanted: 4, estimatedRows: 2_000_000, byPage: true, workers: 1, because: /has no key/ },
  ])(
    'gives $workers to $estimatedRows rows (of $wanted wanted, pages: $byPage)',
    ({ workers, because, ...facts }) => {
      const size = crewSize(facts);
      expect(size.workers).toBe(workers);
      if (because === undefined) expect(size.because).toBeUndefined();
      else expect(size.because).toMatch(because);
    },
  );
});

describe('shareOf', () => {
  it('divides a total into shares that add up to it', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), (total, count) => {
        const shares = Array.from({ length: count }, (_, index) => shareOf(total, index, count));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
      }),
    );
    expect(shareOf(-1, 0, 2)).toBe(-1);
  });
});
