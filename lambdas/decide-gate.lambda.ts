import { type HandlerWiring, wireHandler } from '../lib/aws/wiring.ts';
import { isLockkeeperError, LockkeeperError } from '../lib/core/errors.ts';
import {
  type DecisionMessage,
  type DecisionReply,
  parseDecisionMessage,
} from '../lib/core/gates/parse-command.ts';
import { HANDLER_CAPABILITIES } from '../lib/core/workflow/handlers.ts';
import { decide } from '../lib/engine/decide-gate.ts';
import type { Receipt } from '../lib/engine/receive-signal.ts';
import { callLog } from './shared/call-log.ts';
import { commandOf } from './shared/command-of.ts';
import { receiveDeployment } from './shared/receive-deployment.ts';

const log = callLog('decide-gate');
let wiring: HandlerWiring | undefined;

/**
 * The only function that may wake a waiting execution. People and pipelines invoke it with a
 * decision, which has a `kind`; EventBridge invokes it with the news of a deployment, which has none.
 */
export async function handler(event: unknown): Promise<DecisionReply | Receipt> {
  const isDecision = typeof event === 'object' && event !== null && 'kind' in event;
  return isDecision ? decideGate(event) : receiveDeployment(event, wire, log);
}

function wire(): HandlerWiring {
  wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES['decide-gate'], log.trouble);
  return wiring;
}

async function decideGate(event: unknown): Promise<DecisionReply> {
  try {
    const message = parseDecisionMessage(event);
    const reply = await answer(message, wire());
    log.about({ executionId: message.executionId }).note('decided', { decision: message.kind });
    return reply;
  } catch (error) {
    log.failure(error);
    if (!isLockkeeperError(error) || error.source !== 'user') throw error;
    return { ok: false, code: error.code, message: error.message, fix: error.fix ?? null };
  }
}

async function answer(message: DecisionMessage, wired: HandlerWiring): Promise<DecisionReply> {
  const { executionId } = message;
  const execution = await wired.control.getExecution(executionId);
  const source = await wired.control.getSource(executionId);
  if (execution === undefined || source === undefined) {
    throw new LockkeeperError('UnknownExecution', `there is no execution ${executionId}`);
  }
  if (wired.waker === undefined) {
    throw new LockkeeperError('Internal', 'this handler may not wake executions', {
      fix: 'add the wake capability to it in lib/core/workflow/handlers.ts',
    });
  }
  const now = wired.clock.now();
  const reply = await decide(
    {
      executionId,
      migrationId: execution.migrationId,
      control: wired.control,
      events: wired.events,
      clock: wired.clock,
      until: now,
      waker: wired.waker,
      execution,
      fourEyes: source.environment.policy.fourEyes,
    },
    commandOf(message, now),
  );
  return { ok: true, ...reply };
}
