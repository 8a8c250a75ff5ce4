import { type HandlerWiring, wireHandler } from '../lib/aws/wiring.ts';
import { isLockkeeperError, LockkeeperError } from '../lib/core/errors.ts';
import {
  type Decision,
  type DecisionReply,
  parseDecisionMessage,
} from '../lib/core/gates/parse-command.ts';
import { HANDLER_CAPABILITIES } from '../lib/core/workflow/handlers.ts';
import { decide } from '../lib/engine/decide-gate.ts';
import { callLog } from './shared/call-log.ts';
import { callTrace } from './shared/call-trace.ts';
import { commandOf } from './shared/command-of.ts';
import { principalOf } from './shared/principal-of.ts';

const log = callLog('decide-gate');
const trace = callTrace('decide-gate');
let wiring: HandlerWiring | undefined;

/**
 * What people and pipelines say to a running execution: a decision, and the proof of who they are.
 * Refusals are answers; what nobody expected is thrown.
 */
export function handler(event: unknown): Promise<DecisionReply> {
  return trace.around(() => decideGate(event));
}

async function decideGate(event: unknown): Promise<DecisionReply> {
  let call = log;
  try {
    const { decision, proof } = parseDecisionMessage(event);
    call = log.about({ executionId: decision.executionId });
    trace.about({ executionId: decision.executionId });
    wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES['decide-gate'], log.trouble);
    const by = await principalOf(decision, proof, wiring);
    const reply = await answer(decision, by, wiring);
    call.note('decided', { decision: decision.kind });
    return reply;
  } catch (error) {
    call.failure(error);
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
