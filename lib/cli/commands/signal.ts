import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { findExecution } from '../find-execution.ts';
import { sendDecision } from '../send-decision.ts';

export interface SignalArguments {
  readonly execution: string;
  /** The service that was deployed, as the gate names it. */
  readonly name: string;
  /** What was deployed, for the audit trail. */
  readonly version: string | undefined;
  /** Makes a repeated delivery harmless. @default - name and version; without a version, random */
  readonly id: string | undefined;
}

/** Says that a deployment happened. It is kept when no gate waits for it yet. */
export async function signal(
  connection: Connection,
  { execution: name, ...args }: SignalArguments,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, name);
  const byContent = args.version === undefined ? randomUUID() : `${args.name}@${args.version}`;
  const signalId = args.id ?? byContent;
  return sendDecision(
    connection,
    execution,
    {
      kind: 'signal',
      signalId,
      name: args.name,
      ...(args.version !== undefined && { version: args.version }),
    },
    { signal: args.name, signalId },
  );
}

export function addSignal(program: Command, cli: Cli): void {
  program
    .command('signal')
    .description('say that a service was deployed')
    .argument('<execution>', 'id of an execution, or a migration')
    .argument('<name>', 'the service, as the gate names it')
    .option('--version <version>', 'what was deployed')
    .option('--id <id>', 'makes a repeated delivery harmless (default: name and version)')
    .action(
      async (
        execution: string,
        name: string,
        { version, id }: { readonly version?: string; readonly id?: string },
        verb: Command,
      ) =>
        onEnvironment(cli, verb, (connection) =>
          signal(connection, { execution, name, version, id }),
        ),
    );
}
