import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eta, measure, NO_RATE } from '../../../lib/core/backfill/meter.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

describe('meter', () => {
  it('gives an ETA that is finite, not negative and between its bounds', () => {
    const samples = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 1e7, noNaN: true })),
    );
    fc.assert(
      fc.property(samples, fc.integer({ min: -10, max: 1e12 }), (batches, left) => {
        const meter = batches.reduce((now, [keys, ms]) => measure(now, keys, ms), NO_RATE);
        const time = eta(meter, left);
        if (time === undefined) return;
        for (const ms of [time.ms, time.earliestMs, time.latestMs]) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(YEAR_MS);
        }
        expect(time.earliestMs).toBeLessThanOrEqual(time.ms);
        expect(time.latestMs).toBeGreaterThanOrEqual(time.ms);
      }),
      {
        numRuns: 1_000,
        examples: [
          [
            [
              [1, 5e-324],
              [0, 5e-324],
            ],
            0,
          ],
        ],
      },
    );
  });

  it('follows a change of pace within about a minute', () => {
    let meter = NO_RATE;
    for (let batch = 0; batch < 100; batch += 1) meter = measure(meter, 5_000, 100);
    expect(meter.rate).toBeCloseTo(50_000);
    for (let batch = 0; batch < 300; batch += 1) meter = measure(meter, 1_000, 200);
    expect(meter.rate).toBeGreaterThan(5_000);
    expect(meter.rate).toBeLessThan(13_000);
    expect(eta(meter, 0)).toEqual({ ms: 0, earliestMs: 0, latestMs: 0 });
  });

  it('says no more than ten times the ETA when the rate wanders by more than itself', () => {
    const meter = { rate: 1_000, variance: 2_000 ** 2 };
    expect(eta(meter, 60_000)).toEqual({ ms: 60_000, earliestMs: 20_000, latestMs: 600_000 });
  });

  it('knows no ETA without a rate or a total', () => {
    expect(eta(NO_RATE, 10)).toBeUndefined();
    expect(eta(measure(NO_RATE, 10, 10), undefined)).toBeUndefined();
  });
});
