import type { SignalValue } from './signals.ts';

/**
 * Looks that count, a second apart: a disk that is slow for most of them is slow, and one fsync that
 * waited for a checkpoint is not.
 */
const WINDOW = 7;
/** Fewer say nothing. */
const LEAST = 3;

/** The time of the last commits of one row, in milliseconds, oldest first. */
export type CommitTimes = readonly number[];

/** @param ms without the way to the server and back */
export function addCommit(times: CommitTimes, ms: number): CommitTimes {
  return [...times, Math.max(0, ms)].slice(-WINDOW);
}

/** The median: as many commits were slower as were faster. */
export function commitLatency(times: CommitTimes): SignalValue {
  if (times.length < LEAST) return 'pending';
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 'pending';
}
