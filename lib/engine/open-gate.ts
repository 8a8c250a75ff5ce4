import { LockkeeperError } from '../core/errors.ts';
import { evaluateGate } from '../core/gates/evaluate.ts';
import { type Decision, type Gate, type StopName, TAKEOVER_GATE } from '../core/gates/gate.ts';
import { durationMs, epochMs, type PlanHash } from '../core/ids.ts';
import type { DeclaredGate } from '../core/migration/migration.ts';
import { hashOrder } from '../core/restore/order.ts';
import { done, type Outcome } from '../core/workflow/outcome.ts';
import { comparedBefore } from './compared-before.ts';
import { type EngineContext, journal } from './context.ts';
import { abortReason } from './flags.ts';

/**
 * The longest that the workflow sleeps at a gate before it looks again by itself. A lost wake-up
 * thus heals within the hour; the cost is about ten history events an hour, so a gate could stay
 * open for three months before it came near Step Functions' 25,000.
 */
export const GATE_POLL_SECONDS = 3_600;

/**
 * Opens a gate, or looks again at one that is open.
 *
 * - `done`: it is approved (or the migration declares none here): go on
 * - `wait`: nobody has decided yet; sleep on the task token for at most these seconds
 * - `rejected`, `aborted`: go back
 */
export async function openGate(context: EngineContext, name: StopName): Promise<Outcome> {
  const flags = await context.control.getFlags(context.executionId);
  const abort = abortReason(flags);
  if (abort !== undefined) return { kind: 'aborted', reason: abort };

  const gate = await findOrOpen(context, name);
  if (gate === undefined) return done;
  const now = context.clock.now();
  const signals = await context.control.listSignals(context.executionId);
  const state = evaluateGate(gate, signals, now);
  if (state.kind === 'waiting') {
    if (now >= gate.expiresAt && gate.overdueSince === undefined)
      await reportOverdue(context, gate);
    // A paused execution stays at its gate even when the gate's time comes.
    const seconds = state.until > now ? (state.until - now) / 1_000 : GATE_POLL_SECONDS;
    return {
      kind: 'wait',
      seconds: Math.min(GATE_POLL_SECONDS, seconds),
      reason: `gate ${name} waits for ${state.missing}`,
    };
  }
  if (gate.decision === undefined) await settle(context, gate, state.decision);
  return outcomeOf(name, state.decision);
}

/**
 * Registers the token of the state that is about to sleep.
 * @throws LockkeeperError WrongState when the gate was decided meanwhile: a callback state ends at
 * once only by an error, and its Catch leads back to `openGate`, which reads the decision
 */
export async function awaitGate(
  context: EngineContext,
  name: StopName,
  taskToken: string,
): Promise<void> {
  await context.control.putTaskToken(context.executionId, name, taskToken);
  // Read after the token is stored: whoever decides later finds it, whoever decided earlier is seen.
  const outcome = await openGate(context, name);
  if (outcome.kind !== 'wait') {
    throw new LockkeeperError('WrongState', `gate ${name} is not waiting any more`);
  }
}

async function findOrOpen(context: EngineContext, name: StopName): Promise<Gate | undefined> {
  const known = await context.control.getGate(context.executionId, name);
  if (known !== undefined) return known;
  const { declared, hash } = await declarationOf(context, name);
  if (declared.kind === 'none') return undefined;
  const comparison = name === 'contract' ? await comparedBefore(context) : undefined;
  const gate = { ...freshGate(context, name, declared, hash), comparison };
  if ((await context.control.putGate(gate, 0)) === 'conflict') {
    return context.control.getGate(context.executionId, name);
  }
  await context.control.changeExecution(context.executionId, { activity: `gate ${name}` });
  await journal(context, 'GateOpened', {
    facts: { gate: name, kind: declared.kind, expiresAt: gate.expiresAt },
  });
  return gate;
}

/** Nobody comes in a week: it is told, and goes on waiting. Nothing of production was touched. */
const TAKEOVER_TIMEOUT = durationMs(7 * 86_400_000);

/** What the plan, or the order of a restore, says of a gate. */
async function declarationOf(
  context: EngineContext,
  name: StopName,
): Promise<{ readonly declared: DeclaredGate; readonly hash: PlanHash }> {
  if (name === TAKEOVER_GATE) {
    const order = (await context.control.getExecution(context.executionId))?.restore;
    if (order === undefined) throw new LockkeeperError('WrongState', 'only a restore takes over');
    const declared: DeclaredGate = order.takeOver
      ? { kind: 'approval', approvals: 1, timeoutMs: TAKEOVER_TIMEOUT, onTimeout: 'hold' }
      : { kind: 'none' };
    return { declared, hash: hashOrder(order) };
  }
  const plan = await context.control.getPlan(context.executionId);
  if (plan === undefined) {
    throw new LockkeeperError('WrongState', `gate ${name} was reached without a plan`);
  }
  return { declared: plan.plan.gates[name], hash: plan.hash };
}

function freshGate(
  context: EngineContext,
  name: StopName,
  declared: Exclude<DeclaredGate, { kind: 'none' }>,
  planHash: PlanHash,
): Gate {
  const openedAt = context.clock.now();
  const length = declared.kind === 'timer' ? declared.durationMs : declared.timeoutMs;
  return {
    executionId: context.executionId,
    name,
    declared,
    planHash,
    openedAt,
    expiresAt: epochMs(openedAt + length),
    approvals: [],
    decision: undefined,
    revision: 1,
  };
}

/**
 * Tells once that nobody came in time. Journaled before the gate remembers it: a call that dies in
 * between tells it twice, which is better than never.
 */
async function reportOverdue(context: EngineContext, gate: Gate): Promise<void> {
  await journal(context, 'GateExpired', { facts: { gate: gate.name, onTimeout: 'hold' } });
  const overdueSince = context.clock.now();
  // On a conflict somebody came after all; what they decided is read the next time.
  await context.control.putGate(
    { ...gate, overdueSince, revision: gate.revision + 1 },
    gate.revision,
  );
}

async function settle(context: EngineContext, gate: Gate, decision: Decision): Promise<void> {
  const written = await context.control.putGate(
    { ...gate, decision, revision: gate.revision + 1 },
    gate.revision,
  );
  // Somebody decided in the same moment; the next look reads what they decided.
  if (written === 'conflict') return;
  await journal(context, decision.kind === 'expired' ? 'GateExpired' : 'GateDecided', {
    ...('by' in decision && { by: decision.by }),
    facts: { gate: gate.name, decision: decision.kind },
  });
}

function outcomeOf(name: StopName, decision: Decision): Outcome {
  switch (decision.kind) {
    case 'approved':
      return done;
    case 'rejected':
      return {
        kind: 'rejected',
        reason: `gate ${name} was rejected by ${decision.by}: ${decision.reason}`,
      };
    case 'expired':
      return { kind: 'rejected', reason: `gate ${name} expired: nobody decided in time` };
  }
}
