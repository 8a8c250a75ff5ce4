import type { ExecutionFlags } from '../../core/executions/execution.ts';
import type { Step } from '../../core/plan/plan.ts';
import { done, type Outcome, proceed } from '../../core/workflow/outcome.ts';
import type { Fence } from '../../postgres/ledger/fence.ts';
import { proveParity } from '../backfill/prove-parity.ts';
import { runBackfillSlice } from '../backfill/run-backfill-slice.ts';
import { tellFigures } from '../backfill/tell-figures.ts';
import type { TargetContext } from '../context.ts';
import { abortReason } from '../flags.ts';
import type { ProgressReport } from '../progress.ts';
import { recordFenced } from '../record-step.ts';
import { runCheck } from './run-check.ts';
import { runStatement } from './run-statement.ts';
import type { StatementOutcome } from './statement-outcome.ts';

/** A step and its place in the whole plan; rollback goes through them newest first. */
export interface PlacedStep {
  readonly step: Step;
  readonly position: number;
}

export interface StepSurroundings {
  readonly fence: Fence;
  readonly flags: () => Promise<ExecutionFlags>;
  readonly progress: ProgressReport;
  /** Whether the window of the phase is open; a step that takes long looks again and again. */
  readonly windowOpen: () => boolean;
  /** Tells the operator what the step waits for. */
  note(text: string): Promise<void>;
}

/** Brings one step about, in the way of its kind. @throws FencedError */
export function performStep(
  context: TargetContext,
  { step, position }: PlacedStep,
  around: StepSurroundings,
): Promise<Outcome> {
  switch (step.kind) {
    case 'check':
      return performCheck(context, step, position, around);
    case 'statement':
      return performStatement(context, step, position, around);
    case 'backfill':
      return performBackfill(context, step, position, around);
  }
}

async function performCheck(
  context: TargetContext,
  step: Extract<Step, { kind: 'check' }>,
  position: number,
  around: StepSurroundings,
): Promise<Outcome> {
  const outcome = await runCheck(context.database, step);
  if (outcome.kind !== 'held') return { kind: 'failed', reason: outcome.reason };
  await recordFenced(context, around.fence, { stepId: step.stepId, position, state: 'done' });
  return done;
}

async function performStatement(
  context: TargetContext,
  step: Extract<Step, { kind: 'statement' }>,
  position: number,
  around: StepSurroundings,
): Promise<Outcome> {
  return fromStatement(
    await runStatement(
      {
        ...context,
        fence: around.fence,
        note: around.note,
        abortRequested: async () => abortReason(await around.flags()),
      },
      {
        stepId: step.stepId,
        position,
        action: step.action,
        direction: 'act',
        mayBeAbsent: false,
      },
    ),
  );
}

async function performBackfill(
  context: TargetContext,
  step: Extract<Step, { kind: 'backfill' }>,
  position: number,
  around: StepSurroundings,
): Promise<Outcome> {
  await recordFenced(context, around.fence, { stepId: step.stepId, position, state: 'started' });
  const moved = await runBackfillSlice(step, {
    ...context,
    fence: around.fence,
    flags: around.flags,
    windowOpen: around.windowOpen,
    report: (figures) => tellFigures(context, around.progress, figures),
  });
  await around.progress.flush();
  const compares = moved.kind === 'done' && step.parity !== undefined;
  const outcome = compares ? await proveParity(context, step, 'backfill', around) : moved;
  switch (outcome.kind) {
    case 'done':
      await recordFenced(context, around.fence, { stepId: step.stepId, position, state: 'done' });
      return done;
    case 'fenced':
      return proceed;
    default:
      return outcome;
  }
}

export function fromStatement(outcome: StatementOutcome): Outcome {
  switch (outcome.kind) {
    case 'done':
      return done;
    case 'pending':
      return { kind: 'wait', seconds: outcome.seconds, reason: outcome.reason };
    case 'out-of-time':
    case 'fenced':
      return proceed;
    case 'aborted':
      return outcome;
    case 'failed':
      return { kind: 'failed', reason: outcome.reason };
  }
}
