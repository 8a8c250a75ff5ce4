import { type HandlerWiring, wireHandler } from '../lib/aws/wiring.ts';
import { isLockkeeperError, LockkeeperError } from '../lib/core/errors.ts';
import {
  type Decision,
  type DecisionReply,
  parseDecisionMessage,
} from '../lib/core/gates/parse-command.ts';
import { HANDLER_CAPABILITIES } from '../lib/core/workflow/handlers.ts';
import { decide } from '../lib/engine/decide-gate.ts';
import type { Receipt } from '../lib/engine/receive-signal.ts';
import { callLog } from './shared/call-log.ts';
import { commandOf } from './shared/command-of.ts';
import { principalOf } from './shared/principal-of.ts';
import { receiveDeployment } from './shared/receive-deployment.ts';

const log = callLog('decide-gate');
let wiring: HandlerWiring | undefined;

/**
 * The only function that may wake a waiting execution. People and pipelines invoke it with a
 * decision and the proof of who they are; EventBridge invokes it with the news of a deployment.
 */
export async function handler(event: unknown): Promise<DecisionReply | Receipt> {
  const isDecision = typeof event === 'object' && event !== null && 'decision' in event;
  return isDecision ? decideGate(event) : receiveDeployment(event, wire, log);
}

function wire(): HandlerWiring {
  wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES['decide-gate'], log.trouble);
  return wiring;
}

async function decideGate(event: unknown): Promise<DecisionReply> {
  try {
    const { decision, proof } = parseDecisionMessage(event);
    const wired = wire();
    const by = await principalOf(decision, proof, wired);
    const reply = await answer(decision, by, wired);
    log.about({ executionId: decision.executionId }).note('decided', { decision: decision.kind });
    return reply;
  } catch (error) {
    log.failure(error);
    if (!isLockkeeperError(error) || error.source !== 'user') throw error;
    return { ok: false, code: error.code, message: error.message, fix: error.fix ?? null };
  }
}

async function answer(
  decision: Decision,
  by: string,
  wired: HandlerWiring,
): Promise<DecisionReply> {
  const { executionId } = decision;
  const execution = await wired.control.getExecution(executionId);
  if (execution === undefined) {
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
      fourEyes: wired.fourEyes,
    },
    commandOf(decision, by, now),
  );
  return { ok: true, ...reply };
}
