import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationMs } from '../../../lib/core/ids.ts';
import { jittered, LOCK_LADDER, LONGEST_LOCK_WAIT_MS } from '../../../lib/core/plan/lock-ladder.ts';
import { blockedBy, conflictingModes } from '../../../lib/core/sql/lock-conflicts.ts';
import { LOCK_MODES } from '../../../lib/core/sql/lock-mode.ts';

describe('the lock ladder', () => {
  it('stalls the application for at most 21.4 s in all, 3 s at a time, in under two minutes', () => {
    const waits = LOCK_LADDER.map((rung) => rung.lockTimeoutMs as number);
    const pauses = LOCK_LADDER.map((rung) => rung.pauseMs as number);
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    expect(sum(waits)).toBe(21_400);
    expect(LONGEST_LOCK_WAIT_MS).toBe(3_000);
    expect(sum(waits) + sum(pauses)).toBeLessThan(120_000);
  });

  it('has no unbounded rung and never waits shorter than before', () => {
    const waits = LOCK_LADDER.map((rung) => rung.lockTimeoutMs as number);
    expect(Math.min(...waits)).toBeGreaterThan(0);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  it('spreads each pause between half and one and a half times its length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (pause, random) => {
          const spread = jittered(durationMs(pause), random);
          expect(spread).toBeGreaterThanOrEqual(Math.floor(pause / 2));
          expect(spread).toBeLessThanOrEqual(Math.ceil(pause * 1.5));
        },
      ),
    );
  });
});

describe('lock conflicts', () => {
  it('are symmetric, as in the table of the documentation', () => {
    for (const a of LOCK_MODES) {
      for (const b of LOCK_MODES) {
        expect(conflictingModes(a).includes(b)).toBe(conflictingModes(b).includes(a));
      }
    }
  });

  it('say whom a lock stops', () => {
    expect(LOCK_MODES.map(blockedBy)).toEqual([
      'nothing',
      'nothing',
      'nothing',
      'other schema changes',
      'writes',
      'writes',
      'writes',
      'reads and writes',
    ]);
  });
});
