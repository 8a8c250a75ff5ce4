import type { StepId } from '../core/ids.ts';
import { type Fence, requireFence } from '../postgres/ledger/fence.ts';
import { recordStep, type StepState } from '../postgres/ledger/steps.ts';
import type { TargetContext } from './context.ts';

/** Writes a step's state under the fence, in a transaction of its own. @throws FencedError */
export async function recordFenced(
  context: TargetContext,
  fence: Fence,
  step: { readonly stepId: StepId; readonly position: number; readonly state: StepState },
): Promise<void> {
  await context.database.transaction(async (tx) => {
    await requireFence(tx, fence);
    await recordStep(tx, context.executionId, step);
  });
}
