import { type Fence, requireFence } from '../../postgres/ledger/fence.ts';
import { lastMilestone, recordBegun, recordMilestone } from '../../postgres/ledger/milestones.ts';
import type { TargetContext } from '../context.ts';
import { WORK_PHASES, type WorkPhase } from '../work-phase.ts';

/**
 * Remembers that a phase was let through, so that it is not asked again: what somebody changes after
 * that, to get a step through that failed, is a repair.
 * @throws FencedError
 */
export async function beginPhase(
  { database, executionId }: TargetContext,
  fence: Fence,
  phase: WorkPhase,
): Promise<void> {
  await database.transaction(async (tx) => {
    await requireFence(tx, fence);
    await recordBegun(tx, executionId, phase);
  });
}

/**
 * Remembers the schema at the end of a phase, once: a resumed execution comes past the ends of
 * earlier phases again, and what it finds there may be what somebody else did meanwhile.
 * @throws FencedError
 */
export async function reachMilestone(
  { database, executionId }: TargetContext,
  fence: Fence,
  phase: WorkPhase,
): Promise<void> {
  if (phase === 'finalize') return; // nothing comes after it
  const order: readonly string[] = WORK_PHASES;
  await database.transaction(async (tx) => {
    await requireFence(tx, fence);
    const reached = await lastMilestone(tx, executionId);
    if (reached !== undefined && order.indexOf(reached) >= order.indexOf(phase)) return;
    await recordMilestone(tx, executionId, phase);
  });
}
