import type { ScanResult, Stage } from '../../core/backfill/stage.ts';
import {
  type BatchAnswer,
  stageStatement,
  tagOf,
} from '../../postgres/backfill/batch-statement.ts';
import type { Checkpoint } from '../../postgres/backfill/checkpoint.ts';
import { closingScan } from '../../postgres/backfill/closing-scan.ts';
import { lockTimeout, toAnswer } from './attempt-batch.ts';
import { pendingOf } from './leg.ts';
import type { OpenSlice } from './open-slice.ts';

/** Looks through the table in one snapshot. @param goesOn asked every fraction of a second */
export async function scanForRest(
  slice: OpenSlice,
  checkpoint: Checkpoint,
  goesOn: () => Promise<boolean>,
): Promise<ScanResult> {
  const { step, context } = slice;
  const tag = tagOf({ fence: context.fence, stepId: step.stepId });
  const pending = pendingOf(slice, checkpoint);
  return await closingScan(context.database, step.table, pending, { tag, goesOn });
}

/** Writes where the backfill stands now, under the fence and from the revision that was read. */
export async function moveStage(
  { step, context }: OpenSlice,
  { part, revision }: Checkpoint,
  next: Stage,
): Promise<BatchAnswer> {
  const claim = { fence: context.fence, stepId: step.stepId, part, revision };
  const lockTimeoutMs = lockTimeout(step.pacing.targetBatchMs);
  const sql = stageStatement(step, claim, { next, lockTimeoutMs, batchRows: undefined });
  const [row] = await context.database.query(sql);
  return toAnswer(row);
}
