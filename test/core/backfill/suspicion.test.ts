import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  afterFailure,
  afterSuccess,
  NO_SUSPICION,
  type Suspicion,
  suspectSize,
} from '../../../lib/core/backfill/suspicion.ts';

describe('suspicion', () => {
  it('isolates one bad row of N in at most log2(N) + 2 batches', () => {
    const cases = fc
      .integer({ min: 1, max: 1_000_000 })
      .chain((rows) => fc.tuple(fc.constant(rows), fc.integer({ min: 0, max: rows - 1 })));
    fc.assert(
      fc.property(cases, ([rows, bad]) => {
        // GIVEN a batch of N rows that failed
        let suspicion: Suspicion = afterFailure(rows);
        let start = 0;

        // WHEN its parts are tried
        let batches = 0;
        for (;;) {
          const size = suspectSize(suspicion) ?? rows;
          batches += 1;
          const fails = start <= bad && bad < start + size;
          if (fails && size === 1) break;
          if (fails) suspicion = afterFailure(size);
          else {
            start += size;
            suspicion = afterSuccess(suspicion, size);
          }
        }

        // THEN everything before the row was moved, and it did not take long
        expect(start).toBe(bad);
        expect(batches).toBeLessThanOrEqual(Math.log2(rows) + 2);
      }),
    );
  });

  it('suspects nothing by itself', () => {
    expect(suspectSize(NO_SUSPICION)).toBeUndefined();
    expect(suspectSize(afterSuccess(afterFailure(3), 5))).toBeUndefined();
  });
});
