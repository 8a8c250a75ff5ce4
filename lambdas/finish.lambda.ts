import { parseFinishTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { finish } from '../lib/engine/finish.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('finish', parseFinishTaskInput, (input, { context, wiring }) =>
  finish({ ...context, target: wiring.target.name }, input.result),
);
