import { type HandlerWiring, wireHandler } from '../lib/aws/wiring.ts';
import { HANDLER_CAPABILITIES } from '../lib/core/workflow/handlers.ts';
import type { Receipt } from '../lib/engine/receive-signal.ts';
import { callLog } from './shared/call-log.ts';
import { receiveDeployment } from './shared/receive-deployment.ts';

const log = callLog('receive-signal');
let wiring: HandlerWiring | undefined;

/** EventBridge invokes it with the news of a deployment. It decides nothing in anybody's name. */
export function handler(event: unknown): Promise<Receipt> {
  return receiveDeployment(event, wire, log);
}

function wire(): HandlerWiring {
  wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES['receive-signal'], log.trouble);
  return wiring;
}
