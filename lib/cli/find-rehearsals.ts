import { type Execution, isFinished } from '../core/executions/execution.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Rehearsal } from '../core/plan/rollback-table.ts';
import type { ControlStore } from '../ports/control-store.ts';

/** Older executions of one migration say little about the newest. */
const MOST_REHEARSALS = 10;

/**
 * What a control store knows of executions of the very same files that have ended.
 * @returns newest first
 */
export async function findRehearsals(
  control: ControlStore,
  { migrationId, checksum }: Plan,
): Promise<readonly Rehearsal[]> {
  const executions = await control.listExecutions({ migrationId, limit: MOST_REHEARSALS });
  const same = executions.filter((each) => each.checksum === checksum && isFinished(each.status));
  return Promise.all(same.map((execution) => rehearsalOf(control, execution)));
}

async function rehearsalOf(control: ControlStore, execution: Execution): Promise<Rehearsal> {
  const progress = await control.getProgress(execution.executionId);
  const ids = (states: readonly string[]) =>
    new Set(progress.filter(({ state }) => states.includes(state)).map(({ stepId }) => stepId));
  return {
    executionId: execution.executionId,
    environment: execution.environment,
    at: execution.finishedAt ?? execution.startedAt,
    applied: ids(['done', 'undone']),
    undone: ids(['undone']),
  };
}
