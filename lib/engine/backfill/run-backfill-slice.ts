import type { BackfillStep } from '../../core/plan/plan.ts';
import { DatabaseError } from '../../ports/database.ts';
import { rowBytes } from '../../postgres/backfill/row-bytes.ts';
import { FencedError } from '../../postgres/ledger/fence.ts';
import { BackfillCrew } from './backfill-crew.ts';
import { classifyFailure } from './batch-failure.ts';
import { type OpenSlice, openSlice } from './open-slice.ts';
import { failed, type SliceContext, type SliceOutcome } from './slice.ts';

export type { SliceContext, SliceOutcome } from './slice.ts';

/** How long to stay away when the target could not even be asked how far the backfill is. */
const UNAVAILABLE_SECONDS = 5;

/**
 * Moves batches of a backfill until it is done, the time is up, or something must be waited for.
 *
 * May be called again at any time, after any end, also twice at once: the checkpoint in the target
 * moves together with its batch, from exactly the revision that was read, so each row is moved once.
 * With `workers` in its pacing that many ranges of the key are gone through at once, each with a
 * checkpoint of its own.
 *
 * @throws what the clock, the flags or the report throw; errors of the database become outcomes
 */
export async function runBackfillSlice(
  step: BackfillStep,
  context: SliceContext,
): Promise<SliceOutcome> {
  try {
    const opening = await openSlice(step, context);
    if (opening.kind === 'ended') return opening.outcome;
    return await new BackfillCrew(await withBytes(opening.slice), opening.checkpoints).run();
  } catch (error) {
    if (error instanceof FencedError) return { kind: 'fenced' };
    if (error instanceof DatabaseError) return outcomeOf(error);
    throw error;
  }
}

/** Only who writes rows needs to know how wide they become: values are computed to find out. */
async function withBytes(slice: OpenSlice): Promise<OpenSlice> {
  const { context, step, table, facts } = slice;
  const { written, growth } = await rowBytes(context.database, step, table);
  return { ...slice, rowBytes: written, facts: { ...facts, growth } };
}

/** For errors outside of batches: reading the catalog and the checkpoint. */
export function outcomeOf(error: DatabaseError): SliceOutcome {
  switch (classifyFailure(error)) {
    case 'contention':
    case 'slow':
    case 'unavailable':
    case 'unknown':
    case 'refused':
      return { kind: 'wait', seconds: UNAVAILABLE_SECONDS, reason: error.message };
    case 'data':
    case 'broken':
      return failed(error.message, error);
  }
}
