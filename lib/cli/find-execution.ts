import { LockkeeperError } from '../core/errors.ts';
import type { Execution } from '../core/executions/execution.ts';
import { parseExecutionId } from '../core/ids.ts';
import { editDistance } from '../core/migration/source/nearest.ts';
import type { ControlStore } from '../ports/control-store.ts';

/** Enough for the nearest names; a target has a few executions a week. */
const REMEMBERED = 100;
const SUGGESTIONS = 3;

/**
 * The execution somebody names: by its id; by its migration (id or number), then the newest of it;
 * without a name, the newest of all.
 * @throws LockkeeperError UnknownExecution with the nearest names
 */
export async function findExecution(
  control: ControlStore,
  name: string | undefined,
): Promise<Execution> {
  const executionId = name === undefined ? undefined : parseExecutionId(name);
  const exact = executionId && (await control.getExecution(executionId));
  if (exact !== undefined) return exact;
  const newest = await control.listExecutions({ limit: REMEMBERED });
  const found = newest.find(
    ({ migrationId }) =>
      name === undefined || migrationId === name || migrationId.startsWith(`${name}_`),
  );
  if (found !== undefined) return found;
  if (newest.length === 0) {
    throw new LockkeeperError('UnknownExecution', 'there is no execution yet', {
      fix: 'start one: lockkeeper start <migration>',
    });
  }
  throw new LockkeeperError('UnknownExecution', `there is no execution ${name}`, {
    fix: `nearest: ${nearestNames(name ?? '', newest).join(', ')}`,
  });
}

function nearestNames(written: string, executions: readonly Execution[]): readonly string[] {
  const names = new Set(
    executions.flatMap(({ executionId, migrationId }) => [executionId, migrationId]),
  );
  return [...names]
    .toSorted((left, right) => distance(written, left) - distance(written, right))
    .slice(0, SUGGESTIONS);
}

/** What somebody began to write is nearer than what takes as many edits. */
function distance(written: string, name: string): number {
  return name.startsWith(written) ? 0 : editDistance(written, name);
}
