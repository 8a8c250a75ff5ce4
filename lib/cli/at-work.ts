import { LockkeeperError } from '../core/errors.ts';
import { type Execution, isFinished } from '../core/executions/execution.ts';
import { isAtWork } from '../engine/start-execution.ts';
import type { Connection } from './connection.ts';
import { findExecution } from './find-execution.ts';

/**
 * The named execution, when one of its workflows is at work and so reads what it is told.
 * @throws LockkeeperError UnknownExecution, WrongState
 */
export async function executionAtWork(
  connection: Connection,
  name: string | undefined,
): Promise<Execution> {
  const execution = await findExecution(connection.control, name);
  const { executionId, status } = execution;
  if (isFinished(status)) {
    throw new LockkeeperError('WrongState', `execution ${executionId} is ${status}`);
  }
  if (await isAtWork(connection, execution)) return execution;
  throw new LockkeeperError(
    'WrongState',
    `nobody works on execution ${executionId} (${status}), so nobody would hear it`,
    { fix: `lockkeeper status ${executionId} says what can be done` },
  );
}
