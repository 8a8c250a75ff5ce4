import { done, type Outcome, proceed } from '../core/workflow/outcome.ts';
import { findExecution, recordEnd } from '../postgres/ledger/executions.ts';
import { requireFence } from '../postgres/ledger/fence.ts';
import { recordPicture } from '../postgres/ledger/pictures.ts';
import { claim } from './claim.ts';
import type { TargetContext } from './context.ts';
import { runPhase } from './run-phase.ts';
import { unlessFenced } from './unless-fenced.ts';

/**
 * The last phase, and the entry in the ledger that the migration is applied: with the picture of
 * the schema it left behind, which the next migration and drift detection start from.
 */
export async function finalize(context: TargetContext): Promise<Outcome> {
  const outcome = await runPhase(context, 'finalize');
  if (outcome.kind !== 'done') return outcome;
  const ledger = await findExecution(context.database, context.executionId);
  if (ledger?.finished === true) return done;
  return unlessFenced(() => recordApplied(context));
}

async function recordApplied(context: TargetContext): Promise<Outcome> {
  const claimed = await claim(context);
  if (claimed.kind === 'superseded') return proceed;
  if (claimed.kind === 'lost') return { kind: 'failed', reason: claimed.why };
  await context.database.transaction(async (tx) => {
    await requireFence(tx, claimed.fence);
    await recordEnd(tx, context.executionId, 'applied', await recordPicture(tx));
  });
  return done;
}
