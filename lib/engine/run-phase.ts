import type { ExecutionFlags } from '../core/executions/execution.ts';
import type { Window } from '../core/migration/migration.ts';
import { windowState } from '../core/migration/window.ts';
import type { HashedPlan } from '../core/plan/plan.ts';
import { done, type Outcome, proceed } from '../core/workflow/outcome.ts';
import { findExecution } from '../postgres/ledger/executions.ts';
import { hasBegun } from '../postgres/ledger/milestones.ts';
import { listSteps, type StepRecord } from '../postgres/ledger/steps.ts';
import { claim } from './claim.ts';
import { journal, outOfTime, type TargetContext } from './context.ts';
import { checkEvidence } from './evidence/check-evidence.ts';
import { beginPhase, reachMilestone } from './evidence/reach-milestone.ts';
import { rememberStatements } from './evidence/still-used.ts';
import { abortReason, flagReader, withoutAbort } from './flags.ts';
import { ProgressReport } from './progress.ts';
import { type PlacedStep, performStep, type StepSurroundings } from './steps/perform-step.ts';
import { unlessFenced } from './unless-fenced.ts';
import { WindowWatch } from './window-watch.ts';
import { type WorkPhase, workPhaseOf } from './work-phase.ts';

/** A Wait state is cheap, so a paused execution looks often whether it may go on. */
const PAUSE_POLL_SECONDS = 10;
/** Looking at a closed window once an hour keeps an abort from waiting for the night. */
const WINDOW_POLL_SECONDS = 3_600;

/**
 * Runs the steps of one phase, in order, each exactly once. Steps that the ledger knows as done
 * are passed over, so the same call is also how a phase goes on after any interruption.
 */
export async function runPhase(context: TargetContext, phase: WorkPhase): Promise<Outcome> {
  const plan = await context.control.getPlan(context.executionId);
  if (plan === undefined) return { kind: 'failed', reason: 'there is no plan for this execution' };
  return unlessFenced(() => runPending(context, phase, plan));
}

async function runPending(
  context: TargetContext,
  phase: WorkPhase,
  plan: HashedPlan,
): Promise<Outcome> {
  const claimed = await claim(context);
  if (claimed.kind === 'superseded') return proceed;
  if (claimed.kind === 'lost') return { kind: 'aborted', reason: claimed.why };
  const ledger = await findExecution(context.database, context.executionId);
  if (ledger?.direction !== 'forward') {
    return { kind: 'aborted', reason: 'the execution is on its way back' };
  }
  const all = placedSteps(plan, phase);
  const recorded = await listSteps(context.database, context.executionId);
  const pending = notDone(all, recorded);
  if (pending.length === 0) {
    // A call that died after the last step left this to the next one.
    if (all.length > 0) await reachMilestone(context, claimed.fence, phase);
    return done;
  }

  await context.control.changeExecution(context.executionId, {
    status: 'running',
    activity: phase,
  });
  const reader = flagReader(context);
  const progress = await ProgressReport.load(context);
  const watch = new WindowWatch(windowsOf(plan, phase), context.clock);
  const windowOpen = () => watch.isOpen();
  const around = { fence: claimed.fence, flags: reader, progress, windowOpen };
  if (!all.some(({ step }) => recorded.some(({ stepId }) => stepId === step.stepId))) {
    const stop = await reasonToStop(context, phase, plan, reader);
    const objection = stop ?? (await checkEvidence(context, plan, phase, around));
    if (objection !== undefined) return objection;
    // A call that died right after this was let through already: it is told once.
    if (!(await hasBegun(context.database, context.executionId, phase))) {
      await journal(context, 'PhaseStarted', { facts: { phase, steps: all.length } });
    }
    await beginPhase(context, claimed.fence, phase);
  }
  for (const placed of pending) {
    // Once something was dropped there is no going back, so an abort could only stop half way.
    const noReturn = phase === 'finalize' && placed !== all[0];
    const flags = noReturn ? withoutAbort(reader) : reader;
    const stop = await reasonToStop(context, phase, plan, flags);
    if (stop !== undefined) return stop;
    const outcome = await runStep(context, placed, { ...around, flags });
    if (outcome.kind !== 'done') return outcome;
  }
  await progress.flush();
  await reachMilestone(context, claimed.fence, phase);
  await rememberStatements(context, plan.plan);
  await journal(context, 'PhaseFinished', { facts: { phase } });
  return done;
}

function placedSteps(plan: HashedPlan, phase: WorkPhase): readonly PlacedStep[] {
  return plan.plan.steps
    .map((step, position) => ({ step, position }))
    .filter(({ step }) => workPhaseOf(step) === phase);
}

function windowsOf({ plan }: HashedPlan, phase: WorkPhase): readonly Window[] {
  return plan.windows[phase] ?? [];
}

function notDone(
  steps: readonly PlacedStep[],
  recorded: readonly StepRecord[],
): readonly PlacedStep[] {
  const finished = new Set<string>(
    recorded.filter((step) => step.state === 'done').map((step) => step.stepId),
  );
  return steps.filter(({ step }) => !finished.has(step.stepId));
}

async function reasonToStop(
  context: TargetContext,
  phase: WorkPhase,
  plan: HashedPlan,
  flags: () => Promise<ExecutionFlags>,
): Promise<Outcome | undefined> {
  const current = await flags();
  const abort = abortReason(current);
  if (abort !== undefined) return { kind: 'aborted', reason: abort };
  if (current.paused) {
    return { kind: 'wait', seconds: PAUSE_POLL_SECONDS, reason: 'paused by an operator' };
  }
  const window = windowState(windowsOf(plan, phase), context.clock.now());
  if (window.kind === 'closed') {
    const seconds = (window.opensAt - context.clock.now()) / 1_000;
    return {
      kind: 'wait',
      seconds: Math.min(WINDOW_POLL_SECONDS, seconds),
      reason: `waiting for the ${phase} window`,
    };
  }
  return outOfTime(context) ? proceed : undefined;
}

async function runStep(
  context: TargetContext,
  placed: PlacedStep,
  around: Omit<StepSurroundings, 'note'>,
): Promise<Outcome> {
  const { stepId, kind } = placed.step;
  const startedAt = context.clock.now();
  const figures = (state: 'running' | 'done' | 'failed', note?: string) => ({
    stepId,
    kind,
    state,
    startedAt,
    updatedAt: context.clock.now(),
    ...(note !== undefined && { note }),
  });
  // A backfill reports its own figures: rows, rate, ETA.
  const report = async (state: 'running' | 'done' | 'failed', note?: string) => {
    if (kind !== 'backfill' || state === 'failed') {
      await around.progress.update(figures(state, note), note === undefined);
    }
  };

  await report('running');
  const outcome = await performStep(context, placed, {
    ...around,
    note: (text) => report('running', text),
  });
  if (outcome.kind === 'done') {
    await report('done');
    const durationMs = context.clock.now() - startedAt;
    await journal(context, 'StepFinished', { facts: { step: stepId, durationMs } });
  }
  if (outcome.kind === 'failed') {
    await report('failed', outcome.reason);
    await around.progress.flush();
    await journal(context, 'StepFailed', { reason: outcome.reason, facts: { step: stepId } });
    return { kind: 'failed', reason: `${stepId}: ${outcome.reason}` };
  }
  return outcome;
}
