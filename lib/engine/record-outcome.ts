import { isLockkeeperError } from '../core/errors.ts';
import type { Outcome } from '../core/workflow/outcome.ts';
import type { EngineContext } from './context.ts';

/**
 * Keeps why an execution stops or turns back, so that `status` can say it: the state machine only
 * carries the outcome, and a state that threw leaves nothing but an error name.
 */
export async function recordOutcome(context: EngineContext, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'done':
    case 'continue':
    case 'wait':
      return;
    case 'failed':
    case 'rejected':
    case 'aborted':
    case 'incompatible':
      await context.control.changeExecution(context.executionId, { reason: outcome.reason });
  }
}

/**
 * The same for what nobody expected. A state that waits at a gate ends at once only by an error, so
 * `awaitGate` throws WrongState when the gate was decided meanwhile: that is no surprise.
 */
export async function recordSurprise(
  context: EngineContext,
  state: string,
  error: unknown,
): Promise<void> {
  if (isLockkeeperError(error) && error.code === 'WrongState') return;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  await context.control.changeExecution(context.executionId, {
    reason: `${state} failed unexpectedly: ${message}`,
  });
}
