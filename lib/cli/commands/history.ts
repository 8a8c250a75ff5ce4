import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import { executionsView, trailView } from '../views/history-view.ts';

/** A screen of them. */
const DEFAULT_LIMIT = 20;

/** The newest executions of an environment. */
export async function listHistory(connection: Connection, limit: number): Promise<CommandResult> {
  const executions = await connection.control.listExecutions({ limit });
  return { exitCode: EXIT_CODES.ok, text: executionsView(executions), value: { executions } };
}

/** The audit trail of one execution. */
export async function showTrail(connection: Connection, name: string): Promise<CommandResult> {
  const execution = await findExecution(connection.control, name);
  const events = await connection.control.listAudit(execution.executionId);
  return {
    exitCode: EXIT_CODES.ok,
    text: trailView(execution, events),
    value: { execution, events },
  };
}

export function addHistory(program: Command, cli: Cli): void {
  program
    .command('history')
    .description('the newest executions, or everything that happened to one')
    .argument('[execution]', 'id of an execution, or a migration (default: list executions)')
    .addOption(
      new Option('--limit <n>', 'how many executions to list')
        .argParser(wholeNumber)
        .default(DEFAULT_LIMIT),
    )
    .action(
      async (name: string | undefined, { limit }: { readonly limit: number }, verb: Command) =>
        onEnvironment(cli, verb, (connection) =>
          name === undefined ? listHistory(connection, limit) : showTrail(connection, name),
        ),
    );
}

function wholeNumber(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write a whole number from 1 to 9999');
}
