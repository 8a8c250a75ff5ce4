import { done } from '../lib/core/workflow/outcome.ts';
import { parseGateTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { awaitGate, openGate } from '../lib/engine/open-gate.ts';
import { taskHandler } from './shared/task-handler.ts';

/** Without a token it opens the gate or reads it again; with one it is the state that sleeps. */
export const handler = taskHandler('open-gate', parseGateTaskInput, async (input, { context }) => {
  if (input.taskToken === undefined) return openGate(context, input.gate);
  await awaitGate(context, input.gate, input.taskToken);
  return done;
});
