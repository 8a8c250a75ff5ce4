import { describe, expect, it } from '@jest/globals';
import { batchSampler } from '../../bench/batch-samples.ts';
import { backfillSeconds } from '../../bench/traffic/backfill-seconds.ts';

describe('backfillSeconds', () => {
  it('has the rows and the longest batch of each second of the timeline', () => {
    // GIVEN a run that began at 10 on the timeline
    const samples = [
      { at: 0.5, rows: 100, ms: 500 },
      { at: 1, rows: 300, ms: 200 },
      { at: 2, rows: 500, ms: 400 },
    ];
    expect(backfillSeconds(samples, 10)).toEqual([
      { at: 10, rowsPerSecond: 400, longestBatchMs: 500 },
      { at: 11, rowsPerSecond: 500, longestBatchMs: 400 },
    ]);
  });

  it('shares the rows of a batch among the seconds that it ran in', () => {
    const samples = [{ at: 1.25, rows: 1_000, ms: 1_000 }];
    const [first, second] = backfillSeconds(samples, 0);
    expect(first).toEqual({ at: 0, rowsPerSecond: 750, longestBatchMs: 1_000 });
    // A quarter of the rows, in the quarter of a second until the run ended.
    expect(second).toEqual({ at: 1, rowsPerSecond: 1_000, longestBatchMs: 1_000 });
  });

  it('counts only the part of the first second that was left when the run began', () => {
    const samples = [{ at: 0.5, rows: 100, ms: 500 }];
    expect(backfillSeconds(samples, 3.5)).toEqual([
      { at: 3, rowsPerSecond: 200, longestBatchMs: 500 },
    ]);
  });

  it('has no batch in a second in which none ran', () => {
    const samples = [
      { at: 0.5, rows: 5, ms: 500 },
      { at: 3, rows: 5, ms: 500 },
    ];
    expect(backfillSeconds(samples, 0)[1]).toEqual({
      at: 1,
      rowsPerSecond: 0,
      longestBatchMs: undefined,
    });
  });

  it('keeps the rows of a batch that took no time to speak of', () => {
    const [second] = backfillSeconds([{ at: 0.5, rows: 7, ms: 0 }], 0);
    expect(second?.rowsPerSecond).toBeCloseTo(14);
  });

  it('is empty when nothing was moved', () => {
    expect(backfillSeconds([], 5)).toEqual([]);
  });
});

describe('batchSampler', () => {
  it('takes each batch once, when it is first reported', () => {
    // GIVEN two batches that look the same
    const [one, other] = [
      { rows: 100, ms: 9 },
      { rows: 100, ms: 9 },
    ];
    let now = 1;
    const sampler = batchSampler(() => now);

    // WHEN reports repeat them
    sampler.look(undefined);
    sampler.look([one]);
    now = 2;
    sampler.look([one, other]);
    now = 3;
    sampler.look([one, other]);

    // THEN
    expect(sampler.samples).toEqual([
      { at: 1, rows: 100, ms: 9 },
      { at: 2, rows: 100, ms: 9 },
    ]);
  });
});
