import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PageFacts, planVisits } from '../../../lib/core/backfill/visits.ts';

/** Rows of 165 bytes that get 25 more, and three indexes: the table of the benchmark. */
const PAGE: PageFacts = { rows: 45, oldBytes: 177.5, newBytes: 207, roomBytes: 0, indexes: 3 };
const pages = fc.record<PageFacts>({
  rows: fc.integer({ min: 1, max: 300 }),
  oldBytes: fc.integer({ min: 24, max: 8_000 }),
  newBytes: fc.integer({ min: 24, max: 12_000 }),
  roomBytes: fc.integer({ min: 0, max: 8_000 }),
  indexes: fc.integer({ min: 1, max: 12 }),
});
const sumOf = (visits: readonly number[]) => visits.reduce((sum, rows) => sum + rows, 0);

describe('the visits of a page', () => {
  it('move each of its rows, at least one at a time', () => {
    fc.assert(
      fc.property(pages, (page) => {
        const visits = planVisits(page);
        expect(sumOf(visits)).toBe(page.rows);
        expect(visits.every((rows) => Number.isInteger(rows) && rows > 0)).toBe(true);
        expect(visits.length).toBeLessThanOrEqual(16);
      }),
    );
  });

  it('are each as large as what the one before left has room for', () => {
    expect(planVisits(PAGE)).toEqual([8, 7, 6, 5, 4, 4, 3, 3, 2, 2, 1]);
    expect(planVisits({ ...PAGE, newBytes: 181.5 })).toEqual([
      4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 1,
    ]);
  });

  it('are one where the page has room for all', () => {
    expect(planVisits({ ...PAGE, rows: 20, roomBytes: 4_500 })).toEqual([20]);
  });

  it('send fewer rows away the more indexes these would have to be entered in', () => {
    const first = (indexes: number) => planVisits({ ...PAGE, indexes })[0] ?? 0;
    expect(first(1)).toBeGreaterThan(first(3));
    expect(first(3)).toBeGreaterThanOrEqual(first(12));
  });
});
