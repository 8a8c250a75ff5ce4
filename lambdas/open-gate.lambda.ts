import { done } from '../lib/core/workflow/outcome.ts';
import { parseGateTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { lookAtGate } from '../lib/engine/look-at-gate.ts';
import { awaitGate } from '../lib/engine/open-gate.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

/** Without a token it opens the gate or reads it again; with one it is the state that sleeps. */
export const handler = taskHandler('open-gate', parseGateTaskInput, async (input, scene) => {
  if (input.taskToken === undefined) return lookAtGate(onTarget(scene), input.gate);
  await awaitGate(scene.context, input.gate, input.taskToken);
  return done;
});
