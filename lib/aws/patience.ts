import { durationMs } from '../core/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** A paused cluster resumes in 12 to 30 s as reported; twice that is where patience ends. */
const PATIENCE_MS = 60_000;
/** Asking a resuming cluster more often does not wake it sooner. */
const RESUME_POLL_MS = 2_000;
/** 0.2, 0.4, 0.8, 1.6, 3.2, then 5 s: about 15 attempts within the minute. */
const THROTTLE_FIRST_MS = 200;
const THROTTLE_MOST_MS = 5_000;

/** Why a call was refused before it had any effect; undefined when it may have had one. */
export type Refusal = 'resuming' | 'throttled' | undefined;

/**
 * Repeats a call that was refused before it had any effect, for a minute at most. Anything else is
 * thrown at once, because what was asked for may have happened.
 */
export async function withPatience<T>(
  clock: Clock,
  refusalOf: (error: unknown) => Refusal,
  call: () => Promise<T>,
): Promise<T> {
  const until = clock.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      const wait = refusal === 'resuming' ? RESUME_POLL_MS : backOff(attempt, clock.random());
      if (clock.now() + wait > until) throw error;
      await clock.sleep(durationMs(wait));
    }
  }
}

/** Jitter over the upper half, so that callers that were throttled together come back apart. */
function backOff(attempt: number, random: number): number {
  const most = Math.min(THROTTLE_MOST_MS, THROTTLE_FIRST_MS * 2 ** attempt);
  return most / 2 + (most / 2) * random;
}
