import { randomFrom } from '../../lib/demo/traffic/random.ts';
import type { RuntimeOptions } from './runtime-words.ts';

export type KillMoment = NonNullable<RuntimeOptions['kill']>;

/** Statements on small tables take a few milliseconds; a batch takes a hundred. */
const LONGEST_DELAY_MS = 60;

/**
 * When the runtimes of one run die: the first, the one that took over, and so on. A run that dies
 * once dies anywhere in its whole length; one that dies several times has a share of it for each
 * life. The same seed and number give the same moments.
 */
export function killMoments(
  deaths: number,
  calls: number,
  seed: number,
  run: number,
): readonly KillMoment[] {
  const random = randomFrom(seed * 1_000_003 + run);
  const share = Math.max(1, Math.floor(calls / deaths));
  return Array.from({ length: deaths }, () => ({
    call: 1 + random.below(share),
    when: random.pick(['before', 'during', 'after'] as const),
    delayMs: random.below(LONGEST_DELAY_MS),
    withDatabase: random.below(2) === 1,
  }));
}
