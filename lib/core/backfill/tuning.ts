import type { Pacing } from '../migration/migration.ts';
import { THRESHOLDS, type Thresholds } from './throttle.ts';

/** What can be set while a backfill runs; absent: as the migration, or the product, has it. */
export type Tuning = { readonly [Name in KnobName]?: number | undefined };

export interface Knob {
  /** For people: what the number is. */
  readonly unit: 'ms' | 'rows' | 'sessions' | 'MB/s';
  readonly min: number;
  readonly max: number;
}

/**
 * - `batchTarget`: below 20 ms the calls cost more than the rows; an innocent transaction waits as
 *   long as a batch, and more than a second is a timeout for many.
 * - `maxRows`: as in a migration file.
 * - `pause`: a minute between two batches is a backfill that stands still; `pause` does that better.
 * - `holdWaiters`, `holdLag`, `holdSnapshot`, `holdWal`: from what is always so to what is an
 *   outage, so that a signal can be made blind for one that is known, but not by a slip.
 */
export const KNOBS = {
  batchTarget: { unit: 'ms', min: 20, max: 1_000 },
  maxRows: { unit: 'rows', min: 100, max: 1_000_000 },
  pause: { unit: 'ms', min: 0, max: 60_000 },
  holdWaiters: { unit: 'sessions', min: 1, max: 1_000 },
  holdLag: { unit: 'ms', min: 100, max: 3_600_000 },
  holdSnapshot: { unit: 'ms', min: 60_000, max: 7 * 86_400_000 },
  holdWal: { unit: 'MB/s', min: 1, max: 10_000 },
} as const satisfies Record<string, Knob>;

export type KnobName = 'batchTarget' | 'maxRows' | 'pause' | HoldName;
type HoldName = 'holdWaiters' | 'holdLag' | 'holdSnapshot' | 'holdWal';

export const KNOB_NAMES = Object.keys(KNOBS) as readonly KnobName[];

/**
 * The measured targets of quiet and busy hours: a quarter of a second is the fastest that is still
 * polite; a twentieth, with as long a pause after it, takes half of one core at most.
 */
export const MODES = {
  quiet: { batchTarget: 250, pause: 0 },
  busy: { batchTarget: 50, pause: 50 },
} as const satisfies Record<string, Tuning>;
export type Mode = keyof typeof MODES;

/** What is wrong with values, each with its allowed range; empty: nothing. */
export function tuningProblems(tuning: Tuning): readonly string[] {
  return KNOB_NAMES.flatMap((name) => {
    const value = tuning[name];
    const { unit, min, max } = KNOBS[name];
    if (value === undefined || (Number.isFinite(value) && value >= min && value <= max)) return [];
    return [`${name} is ${min} to ${max} ${unit}, got ${value}`];
  });
}

/**
 * The pace of a backfill, as it was declared and as it was tuned.
 * @param isQuiet whether now is one of its quiet hours; what was tuned holds in these too
 */
export function tunedPacing(
  declared: Pacing,
  { batchTarget, maxRows, pause }: Tuning,
  isQuiet = false,
): Pacing {
  const most = maxRows ?? declared.maxRows;
  return {
    ...declared,
    ...(isQuiet && declared.quiet && { targetBatchMs: declared.quiet.targetBatchMs }),
    ...(batchTarget !== undefined && { targetBatchMs: batchTarget as Pacing['targetBatchMs'] }),
    ...(pause !== undefined && { pauseMs: pause as Pacing['pauseMs'] }),
    maxRows: most,
    minRows: Math.min(declared.minRows, most),
  };
}

/** The thresholds, with the same distance between holding and going on as ours. */
export function tunedThresholds(tuning: Tuning): Thresholds {
  const { holdWaiters, holdLag, holdSnapshot, holdWal } = tuning;
  const scaled = (name: keyof Thresholds, hold: number | undefined) => {
    const own = THRESHOLDS[name];
    return hold === undefined ? own : { hold, resume: (hold * own.resume) / own.hold };
  };
  return {
    waitingForUs: scaled('waitingForUs', holdWaiters),
    replicaLagMs: scaled('replicaLagMs', holdLag),
    oldestSnapshotSeconds: scaled(
      'oldestSnapshotSeconds',
      holdSnapshot === undefined ? undefined : holdSnapshot / 1_000,
    ),
    walBytesPerSecond: scaled(
      'walBytesPerSecond',
      holdWal === undefined ? undefined : holdWal * 1_000_000,
    ),
  };
}

/** `batchTarget 50 ms, holdLag 5000 ms`; for the trail and for people. */
export function describeTuning(tuning: Tuning): string {
  const said = KNOB_NAMES.flatMap((name) =>
    tuning[name] === undefined ? [] : [`${name} ${tuning[name]} ${KNOBS[name].unit}`],
  );
  return said.length === 0 ? 'as declared' : said.join(', ');
}
