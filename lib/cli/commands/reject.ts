import type { Command } from 'commander';
import type { StopName } from '../../core/gates/gate.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { findExecution } from '../find-execution.ts';
import { sendDecision } from '../send-decision.ts';
import { gateArgument } from './approve.ts';

export interface RejectArguments {
  readonly execution: string;
  readonly gate: StopName;
  readonly reason: string;
}

/** Says no at a gate of any kind; the execution goes back. */
export async function reject(
  connection: Connection,
  { execution: name, gate, reason }: RejectArguments,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, name);
  return sendDecision(connection, execution, { kind: 'reject', gate, reason }, { gate });
}

export function addReject(program: Command, cli: Cli): void {
  program
    .command('reject')
    .description('say no at a gate; the execution goes back')
    .argument('<execution>', 'id of an execution, or a migration')
    .addArgument(gateArgument())
    .requiredOption('--reason <text>', 'why, for the audit trail')
    .action(
      async (
        execution: string,
        gate: StopName,
        { reason }: { readonly reason: string },
        verb: Command,
      ) =>
        onEnvironment(cli, verb, (connection) => reject(connection, { execution, gate, reason })),
    );
}
