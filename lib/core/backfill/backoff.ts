import { type DurationMs, durationMs } from '../ids.ts';

const FIRST_MS = 50;
const LONGEST_MS = 6_400;
/** 50 + 100 + ... + 6400 ms = 12.7 s at most: then the caller hands back instead of holding a function. */
export const PATIENT_ATTEMPTS = 8;

/**
 * How long to wait before trying again.
 * @param attempt 1 for the first repetition
 * @param random a number in [0, 1): half of the wait is chance, so that two runners drift apart
 */
export function backoff(attempt: number, random: number): DurationMs {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return durationMs(Math.round(full * (0.5 + random / 2)));
}
