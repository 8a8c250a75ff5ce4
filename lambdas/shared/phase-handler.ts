import { parseTaskInput } from '../../lib/core/workflow/parse-payload.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import type { WorkPhase } from '../../lib/engine/work-phase.ts';
import { onTarget } from './on-target.ts';
import { type TaskHandler, taskHandler } from './task-handler.ts';

/** The handler of a state that runs the steps of one phase; both have the phase's name. */
export function phaseHandler(phase: WorkPhase): TaskHandler {
  return taskHandler(phase, parseTaskInput, (_input, scene) => runPhase(onTarget(scene), phase));
}
