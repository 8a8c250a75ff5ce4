import type { DurationMs, EpochMs } from '../core/ids.ts';

/** Time and chance, injected so that tests decide both. */
export interface Clock {
  now(): EpochMs;
  sleep(duration: DurationMs): Promise<void>;
  /** A number in [0, 1), for jitter. */
  random(): number;
}
