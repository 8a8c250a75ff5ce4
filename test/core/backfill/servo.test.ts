import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterBatch, cut, startServo } from '../../../lib/core/backfill/servo.ts';
import { durationMs } from '../../../lib/core/ids.ts';

const LIMITS = { targetBatchMs: durationMs(100), minRows: 100, maxRows: 50_000 };

describe('servo', () => {
  it('stays within its limits, whatever batches take', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 50 });
    const limits = fc
      .tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 1e6 }))
      .map(([minRows, more]) => ({ ...LIMITS, minRows, maxRows: minRows + more }));
    fc.assert(
      fc.property(times, limits, fc.integer({ min: 0, max: 1e9 }), (batches, bounds, first) => {
        let servo = startServo(bounds, first);
        for (const ms of [0, ...batches]) {
          const before = servo.rows;
          servo = afterBatch(servo, { keys: servo.rows, ms }, bounds);
          expect(servo.rows).toBeGreaterThanOrEqual(bounds.minRows);
          expect(servo.rows).toBeLessThanOrEqual(bounds.maxRows);
          expect(servo.rows).toBeLessThanOrEqual(Math.max(before * 1.5, bounds.minRows));
          expect(Number.isInteger(servo.rows)).toBe(true);
        }
      }),
    );
  });

  it('converges on half of the target when a batch costs a fixed part and a part per row', () => {
    const cost = fc.record({
      fixedMs: fc.double({ min: 0, max: 20, noNaN: true }),
      // 330 rows/s to 100,000 rows/s: the size that fits lies within the limits.
      perRowMs: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
      first: fc.integer({ min: 100, max: 50_000 }),
    });
    fc.assert(
      fc.property(cost, ({ fixedMs, perRowMs, first }) => {
        let servo = startServo(LIMITS, first);
        let ms = 0;
        for (let batch = 0; batch < 60; batch += 1) {
          ms = fixedMs + perRowMs * servo.rows;
          servo = afterBatch(servo, { keys: servo.rows, ms }, LIMITS);
        }
        expect(ms).toBeGreaterThan(42);
        expect(ms).toBeLessThan(55);
      }),
    );
  });

  it('cuts to a fifth at once when a batch takes three times the target, and forgets the past', () => {
    const servo = { rows: 10_000, recent: [0.01, 0.01] };
    expect(afterBatch(servo, { keys: 10_000, ms: 301 }, LIMITS)).toEqual({
      rows: 2_000,
      recent: [],
    });
    expect(cut({ rows: 120, recent: [] }, LIMITS).rows).toBe(100);
  });
});
