import { type Eta, eta, type Meter } from '../../core/backfill/meter.ts';
import { type EpochMs, epochMs } from '../../core/ids.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import type { BatchFigures, StepProgress } from '../../ports/control-store.ts';
import type { Checkpoint } from '../../postgres/backfill/checkpoint.ts';
import type { Governor } from './governor.ts';

export interface ProgressFacts {
  readonly step: BackfillStep;
  readonly checkpoint: Checkpoint;
  readonly governor: Governor;
  readonly meter: Meter;
  /** The size of the next batch, and what the last one took. */
  readonly batch: { readonly rows: number; readonly ms: number };
  readonly now: EpochMs;
  /** Why it does not go on for now, where that is not the governor's doing: a lock, a full disk. */
  readonly heldBy: string | undefined;
  readonly batches: readonly BatchFigures[];
}

/** The figures of a backfill, and why it goes as it goes. */
export function progressOf({
  step,
  checkpoint,
  governor,
  meter,
  batch,
  now,
  heldBy,
  batches,
}: ProgressFacts): StepProgress {
  const { keysWalked, position } = checkpoint;
  const ended = position.kind === 'end';
  const total = totalOf(checkpoint);
  const left = total === undefined ? undefined : total - keysWalked;
  const time = ended ? undefined : eta(meter, left);
  const reason = heldBy ?? (governor.state.kind === 'held' ? governor.state.reason : undefined);
  return {
    stepId: step.stepId,
    kind: 'backfill',
    state: ended ? 'done' : reason === undefined ? 'running' : 'held',
    startedAt: epochMs(checkpoint.startedAtMs),
    updatedAt: now,
    rowsDone: keysWalked,
    rowsMoved: checkpoint.rowsMoved,
    ...(total !== undefined && { rowsTotal: total }),
    ...(meter.rate !== undefined && { rowsPerSecond: Math.round(meter.rate) }),
    ...(time !== undefined && { etaMs: Math.round(time.ms) }),
    ...(reason !== undefined && !ended && { heldBy: reason }),
    ...(batches.length > 0 && { batches }),
    note: ended ? summary(checkpoint) : explanation(reason, governor, batch, time, checkpoint),
  };
}

/** The estimate is corrected by what was found: more rows than estimated, or the end. */
function totalOf({ estimatedRows, keysWalked, position }: Checkpoint): number | undefined {
  if (position.kind === 'end') return keysWalked;
  return estimatedRows < 0 ? undefined : Math.max(estimatedRows, keysWalked);
}

function summary({ rowsMoved, rowsQuarantined }: Checkpoint): string {
  return [`${rowsMoved} rows changed`, ...quarantined(rowsQuarantined)].join('; ');
}

function explanation(
  heldBy: string | undefined,
  { strategy, remarks }: Governor,
  batch: ProgressFacts['batch'],
  time: Eta | undefined,
  { rowsQuarantined }: Checkpoint,
): string {
  const order = strategy.kind === 'strided' ? `strided by ${strategy.modulus}` : 'plain ranges';
  return [
    ...(heldBy === undefined ? [] : [`held: ${heldBy}`]),
    `${order}: ${strategy.reason}`,
    `batches of ${batch.rows} rows, the last took ${Math.round(batch.ms)} ms`,
    ...(time === undefined
      ? []
      : [`done in ${minutes(time.earliestMs)} to ${minutes(time.latestMs)} min`]),
    ...quarantined(rowsQuarantined),
    ...remarks,
  ].join('; ');
}

function quarantined(rows: number): readonly string[] {
  return rows === 0 ? [] : [`${rows} rows set aside`];
}

function minutes(ms: number): string {
  return (ms / 60_000).toFixed(ms < 600_000 ? 1 : 0);
}
