import type { Command } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import { resumeRestore } from '../../engine/restore/order-restore.ts';
import { isAtWork, resumeExecution } from '../../engine/start-execution.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { findExecution } from '../find-execution.ts';
import { noteInTrail } from '../note-in-trail.ts';
import { runResult } from '../run-result.ts';
import { sendDecision } from '../send-decision.ts';

export interface ResumeArguments {
  readonly execution: string | undefined;
  readonly reason: string;
}

/**
 * Lets a paused execution go on; one that nobody works on gets a new run that goes on from what is
 * durable, in the direction it was going.
 * @throws LockkeeperError WrongState when it is at work and not paused, or has ended
 */
export async function resume(
  connection: Connection,
  { execution: name, reason }: ResumeArguments,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, name);
  const { executionId } = execution;
  if (!(await isAtWork(connection, execution))) {
    const started =
      execution.restore === undefined
        ? await resumeExecution(connection, executionId)
        : await resumeRestore(connection, execution);
    await noteInTrail(connection, execution, 'Resumed', { reason });
    return runResult(started);
  }
  if ((await connection.control.getFlags(executionId)).paused) {
    return sendDecision(connection, execution, { kind: 'unpause', reason });
  }
  throw new LockkeeperError('WrongState', `execution ${executionId} is at work and not paused`, {
    fix: `lockkeeper watch ${executionId}`,
  });
}

export function addResume(program: Command, cli: Cli): void {
  program
    .command('resume')
    .description('go on with an execution that is paused, or that nobody works on')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .option('--reason <text>', 'why, for the audit trail', 'resumed on the command line')
    .action(
      async (
        execution: string | undefined,
        { reason }: { readonly reason: string },
        verb: Command,
      ) => onEnvironment(cli, verb, (connection) => resume(connection, { execution, reason })),
    );
}
