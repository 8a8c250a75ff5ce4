import type { Pacing } from '../migration/migration.ts';

/** The size of the next batch, steered by how long the last ones took. */
export interface Servo {
  /** Keys of the next batch. */
  readonly rows: number;
  /** Milliseconds per key of recent batches, oldest first, at most `MEMORY`. */
  readonly recent: readonly number[];
}

export type SizeLimits = Pick<Pacing, 'targetBatchMs' | 'minRows' | 'maxRows'>;

/** The first batch, when nothing is known: at a slow 10,000 rows/s it takes a tenth of a second. */
const FIRST_ROWS = 1_000;
/** Ten batches are about a second of work: long enough for a p90, short enough to follow a change. */
const MEMORY = 10;
const GROWTH = 1.5;
/**
 * What the p90 is steered to, of the target: nobody may wait longer than that, and the longest of some
 * hundred batches takes 1.4 times their p90 (2,000,000 rows: 100 ms where 70 were aimed at, 75 for 50).
 * Half of it costs a fiftieth of the rate, and locks two thirds of the rows at once that 0.7 did.
 */
const AIM = 0.5;
/** A batch this many times over the target is cut at once, without waiting for the p90. */
export const OVERRUN = 3;
const CUT = 5;

/** @param rows what an earlier run had arrived at. @default - a cautious first size */
export function startServo(limits: SizeLimits, rows: number = FIRST_ROWS): Servo {
  return { rows: withinLimits(rows, limits), recent: [] };
}

/**
 * Learns from a batch that was committed: the p90 of the last ten times per key decides how many
 * keys fit the target, with room for those that take longer. Growth is slow, a clear overrun cuts to
 * a fifth and forgets the past.
 */
export function afterBatch(
  servo: Servo,
  batch: { readonly keys: number; readonly ms: number },
  limits: SizeLimits,
): Servo {
  if (batch.ms > OVERRUN * limits.targetBatchMs) return cut(servo, limits);
  const recent = [...servo.recent, Math.max(batch.ms, 0) / Math.max(batch.keys, 1)].slice(-MEMORY);
  const perKey = p90(recent);
  const fitting = perKey === 0 ? Number.POSITIVE_INFINITY : (AIM * limits.targetBatchMs) / perKey;
  return { rows: withinLimits(Math.min(fitting, servo.rows * GROWTH), limits), recent };
}

/** A fifth of the size, for a batch that ran far over the target or was cancelled. */
export function cut(servo: Servo, limits: SizeLimits): Servo {
  return { rows: withinLimits(servo.rows / CUT, limits), recent: [] };
}

function withinLimits(rows: number, { minRows, maxRows }: SizeLimits): number {
  return Math.max(minRows, Math.min(maxRows, Math.floor(rows)));
}

function p90(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0;
}
