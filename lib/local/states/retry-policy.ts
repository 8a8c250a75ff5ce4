import { matchesError } from './state-error.ts';
import type { Retrier } from './states-language.ts';

/** Defaults of the Amazon States Language for what a retrier leaves out. */
const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_BACKOFF_RATE = 2;

/** Counts the retries of one visit to a state: each retrier has its own count, as the language says. */
export class RetryPolicy {
  readonly #retriers: readonly Retrier[];
  readonly #attempts: number[];
  readonly #random: () => number;

  /** @param random uniform in [0, 1), for `JitterStrategy: FULL` */
  constructor(retriers: readonly Retrier[], random: () => number) {
    this.#retriers = retriers;
    this.#attempts = retriers.map(() => 0);
    this.#random = random;
  }

  /** Retries so far; `$$.State.RetryCount`. */
  get retryCount(): number {
    return this.#attempts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Counts a retry for `error` and returns the seconds to wait before it, or `undefined` when the first retrier that
   * matches is exhausted or none matches. Delay: interval x rate^n, then the bound, then jitter.
   */
  next(error: string): number | undefined {
    const index = this.#retriers.findIndex(({ ErrorEquals }) => matchesError(error, ErrorEquals));
    const retrier = this.#retriers[index];
    const attempts = this.#attempts[index];
    if (retrier === undefined || attempts === undefined) return undefined;
    if (attempts >= (retrier.MaxAttempts ?? DEFAULT_MAX_ATTEMPTS)) return undefined;
    this.#attempts[index] = attempts + 1;
    const interval = retrier.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
    const backoff = interval * (retrier.BackoffRate ?? DEFAULT_BACKOFF_RATE) ** attempts;
    const bounded = Math.min(backoff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
    return retrier.JitterStrategy === 'FULL' ? bounded * this.#random() : bounded;
  }
}
