import type { Command } from 'commander';
import { isAtWork, rollBackExecution } from '../../engine/start-execution.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { findExecution } from '../find-execution.ts';
import { noteInTrail } from '../note-in-trail.ts';
import { runResult } from '../run-result.ts';
import { sendDecision } from '../send-decision.ts';

export interface RollbackArguments {
  readonly execution: string | undefined;
  readonly reason: string;
}

/**
 * Takes back every step that left a trace, newest first. A running execution is asked to stop and
 * does it itself; one that nobody works on gets a run that only goes back.
 * @throws LockkeeperError WrongState when it has ended
 */
export async function rollback(
  connection: Connection,
  { execution: name, reason }: RollbackArguments,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, name);
  if (await isAtWork(connection, execution)) {
    return sendDecision(connection, execution, { kind: 'abort', reason });
  }
  const started = await rollBackExecution(connection, execution.executionId);
  await noteInTrail(connection, execution, 'AbortRequested', { reason });
  return runResult(started);
}

export function addRollback(program: Command, cli: Cli): void {
  program
    .command('rollback')
    .description('take back every applied step, newest first, without losing data')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .option('--reason <text>', 'why, for the audit trail', 'rolled back on the command line')
    .action(
      async (
        execution: string | undefined,
        { reason }: { readonly reason: string },
        verb: Command,
      ) => onEnvironment(cli, verb, (connection) => rollback(connection, { execution, reason })),
    );
}
