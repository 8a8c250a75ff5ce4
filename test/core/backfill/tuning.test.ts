import { describe, expect, it } from '@jest/globals';
import { THRESHOLDS } from '../../../lib/core/backfill/signals.ts';
import {
  describeTuning,
  KNOB_NAMES,
  KNOBS,
  MODES,
  tunedPacing,
  tunedThresholds,
  tuningProblems,
} from '../../../lib/core/backfill/tuning.ts';
import { BatchFormat } from '../../../lib/core/migration/format/backfill-format.ts';

const PACING = BatchFormat.parse({});

describe('tuning', () => {
  it('takes every value within its range, and refuses others with the range', () => {
    for (const name of KNOB_NAMES) {
      const { min, max, unit } = KNOBS[name];
      expect(tuningProblems({ [name]: min })).toEqual([]);
      expect(tuningProblems({ [name]: max })).toEqual([]);
      for (const bad of [min - 1, max + 1, Number.NaN]) {
        expect(tuningProblems({ [name]: bad })).toEqual([
          `${name} is ${min} to ${max} ${unit}, got ${bad}`,
        ]);
      }
    }
  });

  it('has modes within the ranges', () => {
    for (const mode of Object.values(MODES)) expect(tuningProblems(mode)).toEqual([]);
  });

  it('changes what it names of the pace, and keeps the smallest batch below the largest', () => {
    expect(tunedPacing(PACING, {})).toEqual(PACING);
    expect(tunedPacing({ ...PACING, minRows: 5_000 }, { batchTarget: 50, maxRows: 1_000 })).toEqual(
      {
        ...PACING,
        targetBatchMs: 50,
        minRows: 1_000,
        maxRows: 1_000,
      },
    );
  });

  it('has longer batches in quiet hours, unless somebody tunes', () => {
    const hours = [{ from: '22:00', to: '05:00', time_zone: 'Europe/Berlin' }];
    const nightly = BatchFormat.parse({ quiet: { hours } });
    expect(tunedPacing(nightly, {}, true).targetBatchMs).toBe(250);
    expect(tunedPacing(nightly, {}, false).targetBatchMs).toBe(100);
    expect(tunedPacing(nightly, { batchTarget: 50 }, true).targetBatchMs).toBe(50);
    expect(tunedPacing(PACING, {}, true).targetBatchMs).toBe(100);
  });

  it('moves the threshold for going on with the one for holding', () => {
    expect(tunedThresholds({})).toEqual(THRESHOLDS);
    expect(tunedThresholds({ holdLag: 5_000, holdSnapshot: 600_000, holdWal: 50 })).toEqual({
      ...THRESHOLDS,
      replicaLag: { hold: 5_000, resume: 1_000 },
      oldestSnapshot: { hold: 600_000, resume: 100_000 },
      wal: { hold: 50, resume: 25 },
    });
  });

  it('makes a signal hold that is only shown, and one of which less is worse', () => {
    expect(THRESHOLDS.deadRows).toBeUndefined();
    expect(tunedThresholds({ holdDead: 40, holdCredits: 100 })).toEqual({
      ...THRESHOLDS,
      deadRows: { hold: 40, resume: 20 },
      cpuCredits: { hold: 100, resume: 200 },
    });
  });

  it('is said in words for the trail', () => {
    expect(describeTuning({ batchTarget: 50, holdWal: 80 })).toBe(
      'batchTarget 50 ms, holdWal 80 MB/s',
    );
    expect(describeTuning({})).toBe('as declared');
  });
});
