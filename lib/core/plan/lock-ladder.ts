import { type DurationMs, durationMs } from '../ids.ts';

/** One attempt: how long to wait for the lock, and how long to leave everybody alone after it. */
export interface Rung {
  readonly lockTimeoutMs: DurationMs;
  readonly pauseMs: DurationMs;
}

/**
 * While our statement waits for a strong lock, everybody who comes later waits behind it. So the
 * wait is short at first and is followed by a pause in which the queue drains.
 *
 * Waits: 2 x 100 ms, 2 x 200, 2 x 400, 2 x 800, 4 x 1,600, 4 x 3,000 = 21.4 s of possible stall,
 * never more than 3 s at a time. Pauses: 0.2, 0.2, 0.5, 0.5, 1, 1, 2, 2, 4 x 5, 4 x 15 s = 87.4 s.
 * Together under two minutes; then the step fails and names who held the lock. GitLab's ladder
 * (41 rungs, about 42 minutes) ends with one unbounded try; ours has none, because that try is
 * exactly the outage the ladder exists to avoid.
 */
export const LOCK_LADDER: readonly Rung[] = [
  [100, 200],
  [100, 200],
  [200, 500],
  [200, 500],
  [400, 1_000],
  [400, 1_000],
  [800, 2_000],
  [800, 2_000],
  [1_600, 5_000],
  [1_600, 5_000],
  [1_600, 5_000],
  [1_600, 5_000],
  [3_000, 15_000],
  [3_000, 15_000],
  [3_000, 15_000],
  [3_000, 15_000],
].map(([lock, pause]) => ({
  lockTimeoutMs: durationMs(lock ?? 0),
  pauseMs: durationMs(pause ?? 0),
}));

/** The longest that one attempt may keep others waiting. */
export const LONGEST_LOCK_WAIT_MS = durationMs(
  Math.max(...LOCK_LADDER.map((rung) => rung.lockTimeoutMs)),
);

/**
 * A pause between half and one and a half times its rung's, so that two runners that collide do
 * not collide again in step.
 * @param random in [0, 1)
 */
export function jittered(pause: DurationMs, random: number): DurationMs {
  return durationMs(Math.round(pause * (0.5 + random)));
}
