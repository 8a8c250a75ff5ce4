import { type Execution, isFinished } from '../core/executions/execution.ts';
import type { DeploymentEvent } from '../core/gates/deployment-event.ts';
import type { ExecutionId } from '../core/ids.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { EngineContext } from './context.ts';
import { type DecisionContext, decide } from './decide-gate.ts';

/** Everything but the execution, which the lease or the event names. */
export interface ReceiveContext
  extends Omit<EngineContext, 'executionId' | 'migrationId'>,
    Pick<DecisionContext, 'waker'> {
  /** `<cluster identifier>/<database>`: the lease on it says which execution is under way. */
  readonly target: string;
}

export type Receipt =
  | {
      readonly kind: 'taken';
      readonly executionId: ExecutionId;
      /** One sentence: kept, known already, or which gate opens. */
      readonly message: string;
      readonly woken: boolean;
    }
  /** Nobody waits for it, now or later. Deployments happen all day; most are none of our business. */
  | { readonly kind: 'dropped'; readonly reason: string };

type Dropped = Extract<Receipt, { readonly kind: 'dropped' }>;

/**
 * Gives a deployment to the execution that is under way on the target. One that comes before its
 * gate opens is kept; one that comes twice counts once; one that concerns no execution is dropped.
 */
export async function receiveSignal(
  context: ReceiveContext,
  event: DeploymentEvent,
): Promise<Receipt> {
  const found = await executionFor(context, event);
  if (found.kind === 'dropped') return found;
  const { execution } = found;
  const plan = await context.control.getPlan(execution.executionId);
  if (plan !== undefined && !awaited(plan.plan).has(event.name)) {
    return dropped(`no gate of ${execution.executionId} waits for a signal of ${event.name}`);
  }
  const { executionId, migrationId } = execution;
  const { signalId, name, version, by } = event;
  const answer = await decide(
    { ...context, executionId, migrationId, execution, fourEyes: 'required' },
    { kind: 'signal', signal: { signalId, name, version, by, at: context.clock.now() } },
  );
  return { kind: 'taken', executionId, ...answer };
}

async function executionFor(
  { control, target }: ReceiveContext,
  event: DeploymentEvent,
): Promise<{ readonly kind: 'found'; readonly execution: Execution } | Dropped> {
  const executionId = event.executionId ?? (await control.getLease(target))?.executionId;
  if (executionId === undefined) return dropped(`no execution is under way on ${target}`);
  const execution = await control.getExecution(executionId);
  if (execution === undefined) return dropped(`there is no execution ${executionId} here`);
  // An execution has no target until it was prepared; it has no other one then either.
  if (execution.target !== undefined && execution.target !== target) {
    return dropped(`execution ${executionId} works on ${execution.target}, not on ${target}`);
  }
  if (isFinished(execution.status)) {
    return dropped(`execution ${executionId} is ${execution.status}`);
  }
  if (event.migrationId !== undefined && event.migrationId !== execution.migrationId) {
    return dropped(`${executionId} is under way on ${target}, not ${event.migrationId}`);
  }
  return { kind: 'found', execution };
}

/** Every service that some gate of the plan waits for. */
function awaited({ gates }: Plan): ReadonlySet<string> {
  return new Set(
    Object.values(gates).flatMap((gate) => (gate.kind === 'signal' ? gate.signals : [])),
  );
}

function dropped(reason: string): Dropped {
  return { kind: 'dropped', reason };
}
