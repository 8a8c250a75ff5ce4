import { type Execution, isFinished } from '../core/executions/execution.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Rehearsal } from '../core/plan/rollback-table.ts';
import type { Measured } from '../core/preflight/forecast.ts';
import type { ControlStore, StepProgress } from '../ports/control-store.ts';

/** Older executions of one migration say little about the newest. */
const MOST_REHEARSALS = 10;

/**
 * What a control store knows of executions of the very same files that have ended.
 * @returns newest first
 */
export async function findRehearsals(
  control: ControlStore,
  { migrationId, checksum }: Pick<Plan, 'migrationId' | 'checksum'>,
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
    measured: new Map(progress.flatMap(measuredOf)),
  };
}

type Measurement = Measured['times'] extends ReadonlyMap<string, infer T> ? T : never;

/** A step that was taken back shows when that ended, so only one that stayed says how long it took. */
function measuredOf(step: StepProgress): readonly (readonly [string, Measurement])[] {
  const { stepId, kind, state, startedAt, updatedAt, rowsPerSecond } = step;
  if (kind === 'backfill') {
    return rowsPerSecond === undefined ? [] : [[stepId, { rowsPerSecond }]];
  }
  return state === 'done' ? [[stepId, { ms: updatedAt - startedAt }]] : [];
}
