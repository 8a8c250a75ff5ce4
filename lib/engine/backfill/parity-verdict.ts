import { describeKey } from '../../core/backfill/key.ts';
import { LISTED_KEYS } from '../../core/backfill/parity.ts';
import type { SignalFigures } from '../../core/backfill/signal-figures.ts';
import { type EpochMs, epochMs } from '../../core/ids.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import type { StepProgress } from '../../ports/control-store.ts';
import type { Tally } from '../../postgres/backfill/checkpoint.ts';
import type { ParityProgress } from '../../postgres/backfill/parity-progress.ts';
import type { SliceOutcome } from './slice.ts';

/** What a pass that has ended says: done, or failed with the keys of rows that differ. */
export function verdict(
  step: BackfillStep,
  { rowsMoved, rowsQuarantined }: Tally,
  progress: ParityProgress,
): Extract<SliceOutcome, { kind: 'done' | 'failed' }> {
  const { different, digestsAgree, repaired } = progress;
  if (different === 0 && digestsAgree) {
    return { kind: 'done', rows: rowsMoved, quarantined: rowsQuarantined };
  }
  const names = (step.parity?.pairs ?? []).map(({ name }) => name).join(', ');
  const again = repaired === 0 ? '' : `, after ${repaired} were moved again`;
  if (different === 0) {
    const reason = `the digests of ${names} differ although no row does: report this`;
    return { kind: 'failed', reason };
  }
  return {
    kind: 'failed',
    reason: `old and new differ in ${listed(step, progress)}${again} (compared: ${names}); correct the sync or the rows, or say in parity what differs on purpose`,
  };
}

/** `2 rows: (id)=(7), (id)=(9)`, or `at least 20 rows: ...`. */
function listed(step: BackfillStep, { different, examples, position }: ParityProgress): string {
  const open = position.kind !== 'end' ? 'at least ' : '';
  const rows = different === 1 ? 'row' : 'rows';
  const keys = examples.slice(0, LISTED_KEYS).map((key) => describeKey(step.key, key));
  const more = different > keys.length ? ` and ${different - keys.length} more` : '';
  return `${open}${different} ${rows}: ${keys.join(', ')}${more}`;
}

export interface ParityFacts {
  readonly step: BackfillStep;
  readonly tally: Tally;
  readonly progress: ParityProgress;
  readonly state: 'running' | 'held' | 'done';
  readonly heldBy: string | undefined;
  /** What the target says about itself. */
  readonly load: readonly SignalFigures[];
  readonly now: EpochMs;
}

/** The figures of a pass, in the place of those of its backfill. */
export function parityProgress(facts: ParityFacts): StepProgress {
  const { step, tally, progress, state, heldBy, load, now } = facts;
  const { compared, different, repaired } = progress;
  const total = tally.keysWalked;
  return {
    stepId: step.stepId,
    kind: 'backfill',
    state,
    startedAt: epochMs(tally.startedAtMs),
    updatedAt: now,
    rowsDone: total,
    rowsMoved: tally.rowsMoved,
    rowsTotal: total,
    ...(heldBy !== undefined && { heldBy }),
    ...(state !== 'done' && load.length > 0 && { load }),
    parity: { compared, different, repaired },
    note: [
      ...(heldBy === undefined ? [] : [`held: ${heldBy}`]),
      `${state === 'done' ? 'compared' : 'comparing'} old and new: ${compared} rows, ${different} differ`,
      ...(repaired === 0 ? [] : [`${repaired} moved again`]),
    ].join('; '),
  };
}
