import { parseTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { rollBack } from '../lib/engine/roll-back.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('rollback', parseTaskInput, (_input, scene) =>
  rollBack(onTarget(scene)),
);
