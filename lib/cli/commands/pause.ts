import type { Command } from 'commander';
import { executionAtWork } from '../at-work.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { sendDecision } from '../send-decision.ts';

export interface PauseArguments {
  readonly execution: string | undefined;
  readonly reason: string;
}

/** Stops before the next step or batch, and stays there. */
export async function pause(
  connection: Connection,
  { execution: name, reason }: PauseArguments,
): Promise<CommandResult> {
  const execution = await executionAtWork(connection, name);
  return sendDecision(connection, execution, { kind: 'pause', reason });
}

export function addPause(program: Command, cli: Cli): void {
  program
    .command('pause')
    .description('stop before the next step or batch, and stay there')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .option('--reason <text>', 'why, for the audit trail', 'paused on the command line')
    .action(
      async (
        execution: string | undefined,
        { reason }: { readonly reason: string },
        verb: Command,
      ) => onEnvironment(cli, verb, (connection) => pause(connection, { execution, reason })),
    );
}
