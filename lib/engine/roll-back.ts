import type { HashedPlan, Step, Undo } from '../core/plan/plan.ts';
import { done, type Outcome, proceed } from '../core/workflow/outcome.ts';
import { fingerprint } from '../postgres/fingerprint.ts';
import { findExecution, recordEnd, recordTurnBack } from '../postgres/ledger/executions.ts';
import { recordBaseline } from '../postgres/ledger/expected-schema.ts';
import { type Fence, requireFence } from '../postgres/ledger/fence.ts';
import { recordPicture } from '../postgres/ledger/pictures.ts';
import { listSteps, type StepRecord } from '../postgres/ledger/steps.ts';
import { terminateTagged } from '../postgres/sessions.ts';
import { claim } from './claim.ts';
import { journal, outOfTime, type TargetContext } from './context.ts';
import { takeLease } from './prepare/take-lease.ts';
import { ProgressReport } from './progress.ts';
import { recordFenced } from './record-step.ts';
import { fromStatement } from './steps/perform-step.ts';
import { runStatement } from './steps/run-statement.ts';
import { executionTag } from './tag.ts';
import { unlessFenced } from './unless-fenced.ts';
import { whatRemains } from './what-remains.ts';

/**
 * The structural way back: the undo of every step that left a trace, newest first.
 *
 * It may be called at any moment and any number of times: with nothing applied it does nothing,
 * after a crash it goes on where the ledger says. A step that may still be running on the server
 * (its function died, the statement did not) is ended first, so nothing reappears behind us.
 */
export async function rollBack(context: TargetContext): Promise<Outcome> {
  const plan = await context.control.getPlan(context.executionId);
  // Without a plan nothing was ever executed: prepare stores it before the first step.
  if (plan === undefined) return done;
  return unlessFenced(() => goBack(context, plan));
}

async function goBack(context: TargetContext, plan: HashedPlan): Promise<Outcome> {
  const before = await findExecution(context.database, context.executionId);
  if (before === undefined || before.finished) return done;
  // An execution that lost its lease to another one, which is over, has to take it again.
  const held = await takeLease(context);
  if (held !== undefined) return { kind: 'failed', reason: held };
  // Before the claim: a running statement of ours may hold the fence row that the claim needs.
  await terminateTagged(context.database, executionTag(context.executionId), 'all');
  const claimed = await claim(context);
  if (claimed.kind === 'superseded') return proceed;
  if (claimed.kind === 'lost') return { kind: 'failed', reason: claimed.why };
  const { fence } = claimed;
  const ledger = await findExecution(context.database, context.executionId);
  if (ledger === undefined || ledger.finished) {
    // Another call of ours ended it in this moment, and may have let go of the lease before we took it.
    await context.control.releaseLease(context.target, context.executionId);
    return done;
  }

  if (ledger.direction === 'forward') {
    await context.database.transaction(async (tx) => {
      await requireFence(tx, fence);
      await recordTurnBack(tx, context.executionId);
    });
    // What slipped in between the first look and the claim can only be ours, and is fenced now.
    await terminateTagged(context.database, executionTag(context.executionId), 'all');
  }
  await context.control.changeExecution(context.executionId, {
    status: 'rolling-back',
    activity: 'roll back',
  });

  const progress = await ProgressReport.load(context);
  const traces = await listSteps(context.database, context.executionId);
  for (const trace of traces.toReversed()) {
    if (trace.state === 'undone') continue;
    if (outOfTime(context)) return proceed;
    const step = plan.plan.steps.find((candidate) => candidate.stepId === trace.stepId);
    if (step === undefined) {
      return {
        kind: 'failed',
        reason: `step ${trace.stepId} is in the ledger but not in the plan`,
      };
    }
    const outcome = await undoStep(context, fence, step, trace, progress);
    if (outcome.kind !== 'done') return outcome;
  }
  await end(context, fence, plan, traces);
  return done;
}

async function undoStep(
  context: TargetContext,
  fence: Fence,
  step: Step,
  trace: StepRecord,
  progress: ProgressReport,
): Promise<Outcome> {
  const startedAt = context.clock.now();
  const undo: Undo =
    step.kind === 'check' ? { kind: 'nothing', why: 'a check changes nothing' } : step.undo;
  const report = (state: 'running' | 'undone' | 'failed', note?: string) =>
    progress.update(
      {
        stepId: step.stepId,
        kind: step.kind,
        state,
        startedAt,
        updatedAt: context.clock.now(),
        ...(note !== undefined && { note }),
      },
      state !== 'running',
    );

  switch (undo.kind) {
    case 'irreversible':
      return {
        kind: 'failed',
        reason: `${step.stepId} cannot be undone: ${undo.why}; restore the snapshot instead`,
      };
    case 'nothing':
      await recordFenced(context, fence, { ...trace, state: 'undone' });
      await report('undone', undo.why);
      return done;
    case 'statement': {
      const outcome = fromStatement(
        await runStatement(
          {
            ...context,
            fence,
            note: (text) => report('running', text),
            // A rollback is not aborted: it ends with everything undone or with a named failure.
            abortRequested: async () => undefined,
          },
          {
            stepId: step.stepId,
            position: trace.position,
            action: undo.action,
            direction: 'undo',
            mayBeAbsent: trace.state === 'started' || trace.state === 'undoing',
          },
        ),
      );
      if (outcome.kind === 'done') await report('undone');
      if (outcome.kind === 'failed') {
        const reason = `undo of ${step.stepId}: ${outcome.reason}`;
        await report('failed', reason);
        await journal(context, 'StepFailed', { reason, facts: { step: step.stepId, undo: true } });
        return { kind: 'failed', reason };
      }
      return outcome;
    }
  }
}

async function end(
  context: TargetContext,
  fence: Fence,
  plan: HashedPlan,
  traces: readonly StepRecord[],
): Promise<void> {
  const after = await fingerprint(context.database);
  await context.database.transaction(async (tx) => {
    await requireFence(tx, fence);
    const reason = await whatRemains(tx, plan, traces);
    if (reason !== undefined) {
      const by = `the rollback of ${context.executionId}`;
      await recordBaseline(tx, await recordPicture(tx), { by, reason });
    }
    await recordEnd(tx, context.executionId, 'rolled-back', after);
  });
}
