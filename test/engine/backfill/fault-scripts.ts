import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import type { SliceOutcome } from '../../../lib/engine/backfill/slice.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { type Fault, faultyDatabase, Killed } from './faulty-database.ts';
import { type Chamber, ms, realClock } from './lock-chamber.ts';

/** Waits are not what is tested here. */
export const impatient: Clock = { ...realClock, sleep: () => realClock.sleep(ms(0)) };

/** What happens at one call of the database after the other. */
export function faultScripts(minLength: number, maxLength: number): fc.Arbitrary<readonly Fault[]> {
  const fault = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fault>('none') },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Fault>(
        'answer-lost-before-effect',
        'answer-lost-after-effect',
        'answer-lost-effect-to-come',
        'killed-before-effect',
        'killed-after-effect',
        'deadlock',
      ),
    },
  );
  return fc.array(fault, { minLength, maxLength, size: 'max' });
}

/**
 * Starts slices until one says that it is done, on a database whose calls fail by the script, then
 * not any more. Who is killed, dies whole: all of its workers.
 */
export async function untilDone(
  chamber: Chamber,
  step: BackfillStep,
  script: readonly Fault[],
): Promise<SliceOutcome> {
  const left = [...script];
  let dead = false;
  const database = faultyDatabase(chamber.database, () => {
    if (dead) return 'killed-before-effect';
    const fault = left.shift() ?? 'none';
    dead = fault.startsWith('killed');
    return fault;
  });
  for (let calls = 0; ; calls += 1) {
    expect(calls).toBeLessThan(200);
    dead = false;
    try {
      const outcome = await chamber.slice(step, { database, clock: impatient });
      if (outcome.kind === 'done') {
        await database.settled();
        return outcome;
      }
      expect(['wait', 'continue']).toContain(outcome.kind);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}
