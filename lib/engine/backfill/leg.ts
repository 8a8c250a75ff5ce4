import type { KeyValue } from '../../core/backfill/key.ts';
import type { Position, Walking } from '../../core/backfill/position.ts';
import { afterStep, type Pass, type Stage } from '../../core/backfill/stage.ts';
import { LockkeeperError } from '../../core/errors.ts';
import type { Walk } from '../../postgres/backfill/boundary.ts';
import type { Checkpoint } from '../../postgres/backfill/checkpoint.ts';
import { PAGE_KEY } from '../../postgres/backfill/page-walk.ts';
import { pendingOutOfQuarantine } from '../../postgres/backfill/pending.ts';
import { type Work, workOnPartition } from '../../postgres/backfill/work.ts';
import type { OpenSlice } from './open-slice.ts';

/** One walk through the table: in which order, up to where, and for which rows. */
export interface Leg {
  readonly walk: Walk;
  readonly work: Work;
  /** The condition of a row that is still to be done; undefined: every row is. */
  readonly pending: string | undefined;
  readonly at: Walking;
  readonly goal: KeyValue;
  /** False when its keys were counted by an earlier one. */
  readonly countsKeys: boolean;
  /** Where the backfill stands when the walk stands at `position`. */
  stageAfter(position: Position): Stage;
}

/** The walk that a backfill is in. @param goal the last key */
export function legOf(
  slice: OpenSlice,
  checkpoint: Checkpoint,
  stage: Walking | Pass,
  goal: KeyValue,
): Leg {
  const { step } = slice;
  if (stage.kind !== 'pass') {
    const { partition = step.table } = checkpoint;
    return {
      walk: { table: partition, key: step.key },
      work: (checkpoint.partition && workOnPartition(step, partition)) ?? slice.work,
      pending: undefined,
      at: stage,
      goal,
      countsKeys: true,
      stageAfter: (position) => position,
    };
  }
  return {
    work: slice.work,
    walk: stage.by === 'key' ? step : { table: step.table, key: PAGE_KEY, rowKey: step.key },
    pending: pendingOf(slice, checkpoint),
    at: stage.at,
    goal: stage.goal,
    countsKeys: stage.pass === 1,
    stageAfter: (position) => afterStep(stage, position),
  };
}

/** The condition of a row that is still to be done; rows that were set aside are not. */
export function pendingOf(
  { step, context, pending }: OpenSlice,
  { rowsQuarantined }: Checkpoint,
): string {
  if (pending === undefined) {
    throw new LockkeeperError('Internal', `${step.stepId} is in a pass, but cannot be repeated`);
  }
  return rowsQuarantined === 0 ? pending : pendingOutOfQuarantine(step, context.fence, pending);
}
