import { loadParser } from '../lib/core/sql/parser.ts';
import { parseTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { prepare } from '../lib/engine/prepare.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('prepare', parseTaskInput, async (_input, scene) =>
  prepare({ ...onTarget(scene), execution: scene.execution, parser: await loadParser() }),
);
