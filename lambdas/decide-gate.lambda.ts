import { type HandlerWiring, wireHandler } from '../lib/aws/wiring.ts';
import { isLockkeeperError, LockkeeperError } from '../lib/core/errors.ts';
import {
  type DecisionMessage,
  type DecisionReply,
  parseDecisionMessage,
} from '../lib/core/gates/parse-command.ts';
import type { EpochMs } from '../lib/core/ids.ts';
import { HANDLER_CAPABILITIES } from '../lib/core/workflow/handlers.ts';
import { decide, type GateCommand } from '../lib/engine/decide-gate.ts';
import { callLog } from './shared/call-log.ts';

const log = callLog('decide-gate');
let wiring: HandlerWiring | undefined;

/** The only function that may wake a waiting execution; people and pipelines invoke it. */
export async function handler(event: unknown): Promise<DecisionReply> {
  try {
    const message = parseDecisionMessage(event);
    wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES['decide-gate'], log.trouble);
    const reply = await answer(message, wiring);
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

function commandOf(message: DecisionMessage, at: EpochMs): GateCommand {
  const { by } = message;
  switch (message.kind) {
    case 'approve':
      return {
        kind: 'approve',
        gate: message.gate,
        by,
        at,
        reason: message.reason,
        planHash: message.planHash,
      };
    case 'reject':
      return {
        kind: 'reject',
        gate: message.gate,
        by,
        at,
        reason: message.reason,
        planHash: undefined,
      };
    case 'signal': {
      const { signalId, name, version } = message;
      return { kind: 'signal', signal: { signalId, name, version, by, at } };
    }
    case 'abort':
    case 'pause':
    case 'unpause':
      return { kind: message.kind, by, reason: message.reason };
  }
}
