import type { ParityPass } from '../../core/backfill/parity.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import { DatabaseError } from '../../ports/database.ts';
import { type Tally, tallyOf } from '../../postgres/backfill/checkpoint.ts';
import { readColumnTypes } from '../../postgres/backfill/column-types.ts';
import type { Comparison } from '../../postgres/backfill/parity-statement.ts';
import { FencedError } from '../../postgres/ledger/fence.ts';
import { type OpenSlice, openSlice } from './open-slice.ts';
import { ParityRun } from './parity-run.ts';
import { outcomeOf } from './run-backfill-slice.ts';
import type { SliceContext, SliceOutcome } from './slice.ts';

/**
 * Compares old and new until every row was looked at, the time is up, or something must be waited
 * for. `done` is a clean pass; `failed` names rows that differ. May be called again at any time, as
 * `runBackfillSlice` may.
 */
export async function runParity(
  step: BackfillStep,
  pass: ParityPass,
  context: SliceContext,
): Promise<SliceOutcome> {
  try {
    const opening = await openSlice(step, context);
    if (opening.kind === 'ended') return opening.outcome;
    const { slice, checkpoints } = opening;
    const tally = tallyOf(checkpoints);
    const comparison = await comparisonOf(slice, tally);
    if (comparison === undefined) {
      const { rowsMoved: rows, rowsQuarantined: quarantined } = tally;
      return { kind: 'done', rows, quarantined };
    }
    return await new ParityRun(slice, tally, comparison, pass).run();
  } catch (error) {
    if (error instanceof FencedError) return { kind: 'fenced' };
    if (error instanceof DatabaseError) return notComparable(outcomeOf(error));
    throw error;
  }
}

async function comparisonOf(
  { step, context, work }: OpenSlice,
  { rowsQuarantined }: Tally,
): Promise<Comparison | undefined> {
  if (step.parity === undefined) return undefined;
  const { executionId } = context.fence;
  return {
    walk: step,
    alias: work.alias,
    parity: step.parity,
    types: await readColumnTypes(context.database, step.table),
    quarantineOf: rowsQuarantined === 0 ? undefined : { executionId, stepId: step.stepId },
  };
}

/** The words of the server alone would not say what was asked. */
function notComparable(outcome: SliceOutcome): SliceOutcome {
  if (outcome.kind !== 'failed') return outcome;
  return { ...outcome, reason: `old and new cannot be compared: ${outcome.reason}` };
}
