import { type ParityPass, PROOF_MS } from '../../core/backfill/parity.ts';
import type { ExecutionFlags } from '../../core/executions/execution.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import { readParity } from '../../postgres/backfill/parity-progress.ts';
import type { Fence } from '../../postgres/ledger/fence.ts';
import { journal, type TargetContext } from '../context.ts';
import type { ProgressReport } from '../progress.ts';
import { runParity } from './run-parity.ts';
import type { SliceOutcome } from './slice.ts';
import { tellFigures } from './tell-figures.ts';

export interface ParitySurroundings {
  readonly fence: Fence;
  readonly flags: () => Promise<ExecutionFlags>;
  readonly progress: ProgressReport;
  /** Whether the window of the phase that asks is open. */
  readonly windowOpen: () => boolean;
}

/** Compares old and new of a backfill, and writes into the trail that they are equal. */
export async function proveParity(
  context: TargetContext,
  step: BackfillStep,
  pass: ParityPass,
  { fence, flags, progress, windowOpen }: ParitySurroundings,
): Promise<SliceOutcome> {
  let compared = 0;
  let repaired = 0;
  const outcome = await runParity(step, pass, {
    ...context,
    fence,
    flags,
    windowOpen,
    report: (figures) => {
      compared = figures.parity?.compared ?? compared;
      repaired = figures.parity?.repaired ?? repaired;
      return tellFigures(context, progress, figures);
    },
  });
  await progress.flush();
  if (outcome.kind === 'done') {
    const facts = { step: step.stepId, after: pass, rows: compared, repaired };
    await journal(context, 'ParityProved', { facts });
  }
  return outcome;
}

/**
 * Whether the pass with which the backfill ended proves something still. Without a gate contract
 * follows at once, unless a snapshot, a window or another backfill took its time.
 */
export async function provedLately(
  { database, executionId }: TargetContext,
  { stepId }: BackfillStep,
): Promise<boolean> {
  const pass = await readParity(database, { executionId }, stepId, 'backfill');
  return pass?.endedMsAgo !== undefined && pass.endedMsAgo <= PROOF_MS.backfill;
}
