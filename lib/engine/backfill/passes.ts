import { firstPass, type Stage } from '../../core/backfill/stage.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import type { Session } from '../../ports/database.ts';
import { findLastKey } from '../../postgres/backfill/boundary.ts';
import type { CheckpointsReading } from '../../postgres/backfill/checkpoint.ts';
import { readColumnTypes } from '../../postgres/backfill/column-types.ts';
import type { TableDescription } from '../../postgres/backfill/describe-table.ts';
import { PAGE_KEY, walksPages } from '../../postgres/backfill/page-walk.ts';
import { pendingCondition } from '../../postgres/backfill/pending.ts';
import type { Work } from '../../postgres/backfill/work.ts';

/** How a backfill goes through its table in passes. */
export interface Passes {
  /** The condition of a row that is still to be done. */
  readonly pending: string;
  /** Where it begins; undefined: it has begun. */
  readonly first: Stage | undefined;
  /** Whether it is gone through in the order of its pages now. */
  readonly byPages: boolean;
}

/** Below it all pages are in memory anyway. */
const FEW_ROWS = 10_000;

/** Undefined: it is gone through once, by the key. */
export async function passesOf(
  session: Session,
  step: BackfillStep,
  table: TableDescription,
  work: Work,
  reading: CheckpointsReading,
): Promise<Passes | undefined> {
  const stage = reading.kind === 'found' ? reading.checkpoints[0].position : undefined;
  const begun = stage?.kind === 'pass' || stage?.kind === 'closing';
  if (!begun && !(reading.kind === 'absent' && isWorthPasses(step, table, work))) return undefined;
  const pending = pendingCondition(step, await readColumnTypes(session, step.table));
  if (pending === undefined) return undefined;
  if (begun)
    return { pending, first: undefined, byPages: !(stage.kind === 'pass' && stage.by === 'key') };
  const behind = await findLastKey(session, { table: step.table, key: PAGE_KEY });
  return behind === undefined ? undefined : { pending, first: firstPass(behind), byPages: true };
}

/** Workers divide the keys among them, so several of them go by the key. */
function isWorthPasses(step: BackfillStep, table: TableDescription, work: Work): boolean {
  return (
    table.keyOrder === 'scattered' &&
    table.pagesWalkable &&
    !walksPages(step) &&
    (step.pacing.workers ?? 1) === 1 &&
    work.updatedColumns.length > 0 &&
    table.estimatedRows >= FEW_ROWS
  );
}
