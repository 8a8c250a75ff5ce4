import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timeLeft } from '../../lib/cli/views/time-left.ts';
import { epochMs } from '../../lib/core/ids.ts';
import type { StepProgress } from '../../lib/ports/control-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const RUNNING: StepProgress = {
  stepId: 'fill',
  kind: 'backfill',
  state: 'running',
  startedAt: epochMs(0),
  updatedAt: epochMs(0),
};

const left = (etaMs: number, etaEarliestMs: number, etaLatestMs: number) =>
  timeLeft({ ...RUNNING, etaMs, etaEarliestMs, etaLatestMs });

describe('the time that a backfill has left', () => {
  it.each([
    [3 * MINUTE, 2 * MINUTE, 5 * MINUTE, 'about 3 min left (2 to 5 min)'],
    [90 * SECOND, 70 * SECOND, 4 * MINUTE, 'about 90 s left (70 s to 4 min)'],
    [119 * SECOND, 119 * SECOND, 120 * SECOND, 'about 119 s left (119 s to 2 min)'],
    [5 * HOUR, 100 * MINUTE, 60 * HOUR, 'about 5 h left (100 min to 3 d)'],
    [3 * DAY, 2 * DAY, 4 * DAY, 'about 3 d left (2 to 4 d)'],
  ])('has its bounds beside it (%d)', (eta, earliest, latest, words) => {
    expect(left(eta, earliest, latest)).toBe(words);
  });

  it('is one figure where both bounds sound the same', () => {
    expect(left(3 * MINUTE, 3 * MINUTE - SECOND, 3 * MINUTE + SECOND)).toBe('about 3 min left');
    expect(left(0, 0, 0)).toBe('about 1 s left');
  });

  it('is shown of a record that was written before there were bounds', () => {
    expect(timeLeft({ ...RUNNING, etaMs: 3 * MINUTE })).toBe('about 3 min left');
    expect(timeLeft(RUNNING)).toBeUndefined();
  });

  it('is off by less than a part in two', () => {
    const UNITS: Record<string, number> = { s: SECOND, min: MINUTE, h: HOUR, d: DAY };
    fc.assert(
      fc.property(fc.integer({ min: SECOND, max: 365 * DAY }), (etaMs) => {
        const [, count, unit = ''] =
          /^about (\d+) (\w+) left$/.exec(timeLeft({ ...RUNNING, etaMs }) ?? '') ?? [];
        const said = Number(count) * (UNITS[unit] ?? 0);
        expect(Math.abs(said - etaMs) / etaMs).toBeLessThan(0.5);
      }),
    );
  });
});
