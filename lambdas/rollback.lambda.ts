import { parseTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { noteInterruption } from '../lib/engine/note-interruption.ts';
import { rollBack } from '../lib/engine/roll-back.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('rollback', parseTaskInput, async ({ run }, scene) => {
  await noteInterruption(scene.context, scene.execution, run);
  return rollBack(onTarget(scene));
});
