import type { Pacing } from '../migration/migration.ts';
import {
  SIGNAL_NAMES,
  type SIGNALS,
  type SignalUnit,
  signalKind,
  type Thresholds,
  thresholdsOf,
} from './signals.ts';

/** What can be set while a backfill runs; absent: as the migration, or the product, has it. */
export type Tuning = { readonly [Name in KnobName]?: number | undefined };

export interface Knob {
  /** For people: what the number is. */
  readonly unit: 'rows' | 'at once' | SignalUnit;
  readonly min: number;
  readonly max: number;
}

type SignalKnob = Extract<
  (typeof SIGNALS)[keyof typeof SIGNALS],
  { readonly knob: { readonly name: string } }
>['knob'];

export type HoldName = SignalKnob['name'];
export type KnobName = 'batchTarget' | 'maxRows' | 'pause' | 'workers' | HoldName;

/**
 * - `batchTarget`: below 20 ms the calls cost more than the rows; an innocent transaction waits as
 *   long as a batch, and more than a second is a timeout for many.
 * - `maxRows`: as in a migration file.
 * - `pause`: a minute between two batches is a backfill that stands still; `pause` does that better.
 * - `workers`: as in a migration file. The table was cut once, so only fewer than planned help.
 * - one for each signal that can be tuned, `holdLag` and so on: from what is always so to what is an
 *   outage, so that a signal can be made blind for one that is known, but not by a slip.
 */
export const KNOBS: Readonly<Record<KnobName, Knob>> = {
  batchTarget: { unit: 'ms', min: 20, max: 1_000 },
  maxRows: { unit: 'rows', min: 100, max: 1_000_000 },
  pause: { unit: 'ms', min: 0, max: 60_000 },
  workers: { unit: 'at once', min: 1, max: 8 },
  ...signalKnobs(),
};

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
  { batchTarget, maxRows, pause, workers }: Tuning,
  isQuiet = false,
): Pacing {
  const most = maxRows ?? declared.maxRows;
  return {
    ...declared,
    ...(isQuiet && declared.quiet && { targetBatchMs: declared.quiet.targetBatchMs }),
    ...(batchTarget !== undefined && { targetBatchMs: batchTarget as Pacing['targetBatchMs'] }),
    ...(pause !== undefined && { pauseMs: pause as Pacing['pauseMs'] }),
    ...(workers !== undefined && { workers: Math.min(workers, declared.workers ?? 1) }),
    maxRows: most,
    minRows: Math.min(declared.minRows, most),
  };
}

/** When signals hold, as it was tuned. */
export function tunedThresholds(tuning: Tuning): Thresholds {
  return thresholdsOf((signal) => {
    const { knob } = signalKind(signal);
    return knob === undefined ? undefined : tuning[knob.name as HoldName];
  });
}

function signalKnobs(): Readonly<Record<HoldName, Knob>> {
  const knobs = SIGNAL_NAMES.flatMap((signal) => {
    const { unit, knob } = signalKind(signal);
    return knob === undefined ? [] : [[knob.name, { unit, min: knob.min, max: knob.max }] as const];
  });
  return Object.fromEntries(knobs) as Record<HoldName, Knob>;
}

/** `batchTarget 50 ms, holdLag 5000 ms`; for the trail and for people. */
export function describeTuning(tuning: Tuning): string {
  const said = KNOB_NAMES.flatMap((name) =>
    tuning[name] === undefined ? [] : [`${name} ${tuning[name]} ${KNOBS[name].unit}`],
  );
  return said.length === 0 ? 'as declared' : said.join(', ');
}
