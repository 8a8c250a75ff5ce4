import type { OldApplication } from '../../core/migration/old-application.ts';
import type { HashedPlan } from '../../core/plan/plan.ts';
import { type Outcome, proceed } from '../../core/workflow/outcome.ts';
import { holdSince } from '../../postgres/ledger/holds.ts';
import { driftSinceMilestone, hasBegun, lastMilestone } from '../../postgres/ledger/milestones.ts';
import { oldSessions } from '../../postgres/old-sessions.ts';
import { type ParitySurroundings, provedLately, proveParity } from '../backfill/prove-parity.ts';
import { journal, type TargetContext } from '../context.ts';
import { runCheck } from '../steps/run-check.ts';
import type { WorkPhase } from '../work-phase.ts';
import { type Evidence, evidenceBefore } from './evidence-before.ts';
import { lookAgain } from './look-again.ts';
import { stillUsed } from './still-used.ts';
import { unsettledRows } from './unsettled-rows.ts';

/** A Wait state is cheap; half a minute is soon enough for a rolling deployment. */
const HOLD_POLL_SECONDS = 30;

/**
 * Whether what was approved is still so. A gate may be open for days; between its decision and the
 * first step of the next phase somebody may have changed the schema, written rows that break what was
 * validated, or started the old version again.
 *
 * @returns undefined: nothing is against it. `wait`: the old version is still connected. Everything
 * else takes the execution back: before finalize that is `aborted`, because nothing is dropped yet.
 */
export async function checkEvidence(
  context: TargetContext,
  { plan }: HashedPlan,
  phase: WorkPhase,
  around: ParitySurroundings,
): Promise<Outcome | undefined> {
  const goBack = (reason: string): Outcome => ({
    kind: phase === 'finalize' ? 'aborted' : 'failed',
    reason: `before ${phase}: ${reason}`,
  });
  if (await hasBegun(context.database, context.executionId, phase)) return undefined;
  const evidence = evidenceBefore(plan, phase);
  const drift = await schemaDrift(context, phase, evidence);
  if (drift !== undefined) return goBack(drift);
  for (const old of evidence.oldApplications) {
    const connected = await stillConnected(context, phase, old);
    if (connected?.kind === 'hold') {
      return { kind: 'wait', seconds: HOLD_POLL_SECONDS, reason: connected.reason };
    }
    if (connected?.kind === 'overdue') return goBack(connected.reason);
  }
  const again = evidence.gates.length === 0 ? undefined : await lookAgain(context, plan, phase);
  if (again !== undefined) return goBack(again);
  const used = await stillUsed(context, plan, phase);
  if (used?.kind === 'hold') {
    return { kind: 'wait', seconds: HOLD_POLL_SECONDS, reason: used.reason };
  }
  if (used !== undefined) return goBack(used.reason);
  for (const check of evidence.checks) {
    const outcome = await runCheck(context.database, check);
    if (outcome.kind === 'held') continue;
    const what =
      outcome.kind === 'not-held'
        ? 'held when it was validated and does not now'
        : 'could not be asked again';
    return goBack(`${check.stepId} ${what}: ${outcome.reason}`);
  }
  const unsettled = evidence.settled ? await unsettledRows(context, phase, around) : undefined;
  if (unsettled !== undefined) return unsettled;
  // Last, as it may take minutes: a call whose time is up comes back to it.
  for (const backfill of evidence.backfills) {
    const { stepId } = backfill;
    const proved = !evidence.waited && (await provedLately(context, backfill));
    if (proved) continue;
    const activity = `comparing old and new before ${phase}: ${stepId}`;
    await context.control.changeExecution(context.executionId, { activity });
    const outcome = await proveParity(context, backfill, 'contract', around);
    if (outcome.kind === 'failed') return goBack(`${stepId}: ${outcome.reason}`);
    if (outcome.kind === 'fenced') return proceed;
    if (outcome.kind !== 'done') return outcome;
  }
  return undefined;
}

async function schemaDrift(
  context: TargetContext,
  phase: WorkPhase,
  { gates }: Evidence,
): Promise<string | undefined> {
  const { control, database, executionId } = context;
  if ((await lastMilestone(database, executionId)) === undefined) return undefined;
  const { total, objects } = await driftSinceMilestone(database, executionId);
  if (total === 0) return undefined;
  const more = total > objects.length ? ` and ${total - objects.length} more` : '';
  const what = `${objects.join(', ')}${more}`;
  const policy = (await control.getSource(executionId))?.environment.policy.onDrift;
  await journal(context, 'SchemaDrifted', { facts: { phase, objects: what, total } });
  if (policy === 'warn') return undefined;
  const when = gates.length === 0 ? '' : ` while gate ${gates.join(' and gate ')} was open`;
  return `the schema changed outside of this migration${when}: ${what}`;
}

async function stillConnected(
  context: TargetContext,
  phase: WorkPhase,
  old: OldApplication,
): Promise<{ readonly kind: 'hold' | 'overdue'; readonly reason: string } | undefined> {
  const { clock, control, database, executionId } = context;
  const { count, some } = await oldSessions(database, old);
  if (count === 0) return undefined;
  const now = clock.now();
  const { since, begun } = await holdSince(database, executionId, phase, now);
  const more = count > some.length ? ` and ${count - some.length} more` : '';
  const who = `${some.join(', ')}${more}`;
  const minutes = Math.round(old.timeoutMs / 60_000);
  if (now - since >= old.timeoutMs) {
    return {
      kind: 'overdue',
      reason: `the old application is still connected after ${minutes} min: ${who}`,
    };
  }
  const reason = `waits for the old application to disconnect: ${who}`;
  if (begun) await journal(context, 'PhaseHeld', { reason, facts: { phase, sessions: count } });
  await control.changeExecution(executionId, { activity: `${phase}: ${reason}` });
  return { kind: 'hold', reason };
}
