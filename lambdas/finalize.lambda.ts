import { parseTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { finalize } from '../lib/engine/finalize.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('finalize', parseTaskInput, (_input, scene) =>
  finalize(onTarget(scene)),
);
