import { LockkeeperError } from '../core/errors.ts';
import { type Execution, isFinished } from '../core/executions/execution.ts';
import type { ExecutionId } from '../core/ids.ts';
import type { Connection } from './connection.ts';
import { nextCommands } from './next-commands.ts';
import type { StatusFacts } from './views/status-view.ts';

/** Reads everything that is known of an execution now. */
export async function gatherStatus(
  connection: Connection,
  executionId: ExecutionId,
): Promise<StatusFacts> {
  const { control } = connection;
  const [execution, flags, gates, signals, progress, snapshots] = await Promise.all([
    control.getExecution(executionId),
    control.getFlags(executionId),
    control.listGates(executionId),
    control.listSignals(executionId),
    control.getProgress(executionId),
    control.listSnapshotRecords(executionId),
  ]);
  if (execution === undefined) {
    throw new LockkeeperError('UnknownExecution', `there is no execution ${executionId}`);
  }
  const { workflow, failure } = await lastWorkflow(connection, execution);
  const situation = { execution, flags, gates, signals, workflow };
  return {
    ...situation,
    ...(failure !== undefined && { failure }),
    progress,
    snapshots,
    next: nextCommands(situation, connection.addressing),
  };
}

/** Step Functions forgets an execution after 90 days, so it is not asked about what has ended. */
async function lastWorkflow(
  connection: Connection,
  execution: Execution,
): Promise<Pick<StatusFacts, 'workflow' | 'failure'>> {
  const last = isFinished(execution.status) ? undefined : execution.runs.at(-1);
  if (last === undefined) return { workflow: undefined };
  const { status, error, cause } = await connection.workflow.describe(last.run);
  if (error === undefined) return { workflow: status };
  return { workflow: status, failure: cause === undefined ? error : `${error}: ${cause}` };
}
