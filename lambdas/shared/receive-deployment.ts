import type { HandlerWiring } from '../../lib/aws/wiring.ts';
import { LockkeeperError } from '../../lib/core/errors.ts';
import { parseDeploymentEvent } from '../../lib/core/gates/deployment-event.ts';
import { type Receipt, receiveSignal } from '../../lib/engine/receive-signal.ts';
import type { CallLog } from './call-log.ts';

/**
 * A deployment that EventBridge told us of. What concerns no execution is logged and dropped; what
 * goes wrong is thrown, so that Lambda tries again and then keeps the event for a person.
 */
export async function receiveDeployment(
  event: unknown,
  wire: () => HandlerWiring,
  log: CallLog,
): Promise<Receipt> {
  const parsed = parseDeploymentEvent(event);
  if (parsed.kind === 'invalid') {
    log.trouble(`dropped an event that is no signal: ${parsed.reason}`);
    return { kind: 'dropped', reason: parsed.reason };
  }
  try {
    const receipt = await receiveSignal(contextOf(wire()), parsed.value);
    const about = receipt.kind === 'taken' ? log.about({ executionId: receipt.executionId }) : log;
    about.note(receipt.kind === 'taken' ? receipt.message : `dropped a signal: ${receipt.reason}`, {
      signal: parsed.value.name,
      signalId: parsed.value.signalId,
    });
    return receipt;
  } catch (error) {
    log.failure(error);
    throw error;
  }
}

function contextOf({ control, events, clock, waker, target }: HandlerWiring) {
  if (waker === undefined) {
    throw new LockkeeperError('Internal', 'this handler may not wake executions', {
      fix: 'add the wake capability to it in lib/core/workflow/handlers.ts',
    });
  }
  return { control, events, clock, waker, target: target.name, until: clock.now() };
}
