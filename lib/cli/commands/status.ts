import type { Command } from 'commander';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import { gatherStatus } from '../gather-status.ts';
import { statusView } from '../views/status-view.ts';

/** Where an execution stands and what can be done now. */
export async function status(
  connection: Connection,
  name: string | undefined,
): Promise<CommandResult> {
  const { executionId } = await findExecution(connection.control, name);
  const facts = await gatherStatus(connection, executionId);
  return {
    exitCode: EXIT_CODES.ok,
    text: statusView(facts, connection.clock.now()),
    value: facts,
  };
}

export function addStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('where an execution stands, and what can be done now')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .action(async (name: string | undefined, _options: unknown, verb: Command) =>
      onEnvironment(cli, verb, (connection) => status(connection, name)),
    );
}
