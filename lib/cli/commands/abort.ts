import type { Command } from 'commander';
import { executionAtWork } from '../at-work.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { sendDecision } from '../send-decision.ts';

export interface AbortArguments {
  readonly execution: string | undefined;
  readonly reason: string;
}

/** Asks a running execution to stop before its next step or batch and to go back. */
export async function abort(
  connection: Connection,
  { execution: name, reason }: AbortArguments,
): Promise<CommandResult> {
  const execution = await executionAtWork(connection, name);
  return sendDecision(connection, execution, { kind: 'abort', reason });
}

export function addAbort(program: Command, cli: Cli): void {
  program
    .command('abort')
    .description('stop a running execution before its next step or batch, and go back')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .requiredOption('--reason <text>', 'why, for the audit trail')
    .action(
      async (
        execution: string | undefined,
        { reason }: { readonly reason: string },
        verb: Command,
      ) => onEnvironment(cli, verb, (connection) => abort(connection, { execution, reason })),
    );
}
