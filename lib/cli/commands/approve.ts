import { type Argument, type Command, createArgument } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import { STOPS, type StopName } from '../../core/gates/gate.ts';
import type { ExecutionId, PlanHash } from '../../core/ids.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { findExecution } from '../find-execution.ts';
import { sendDecision } from '../send-decision.ts';

/** Fewer digits of a hash could be those of another plan. */
const SHORTEST_PREFIX = 8;

export interface ApproveArguments {
  readonly execution: string;
  readonly gate: StopName;
  readonly reason: string | undefined;
  /** The plan that was looked at, at least its first 8 digits. @default - the stored one */
  readonly plan: string | undefined;
}

/**
 * Approves a gate, for the plan that is stored now.
 * @throws LockkeeperError PlanChanged when another plan was looked at
 */
export async function approve(
  connection: Connection,
  args: ApproveArguments,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, args.execution);
  const stored = execution.planHash;
  if (stored === undefined) {
    throw new LockkeeperError(
      'WrongState',
      `execution ${execution.executionId} has no plan yet; it is ${execution.status}`,
    );
  }
  const planHash = checkedHash(execution.executionId, stored, args.plan);
  const result = await sendDecision(
    connection,
    execution,
    {
      kind: 'approve',
      gate: args.gate,
      planHash,
      ...(args.reason !== undefined && { reason: args.reason }),
    },
    { gate: args.gate, planHash },
  );
  return { ...result, text: `${result.text} (plan ${planHash.slice(0, 12)})` };
}

function checkedHash(
  executionId: ExecutionId,
  stored: PlanHash,
  written: string | undefined,
): PlanHash {
  if (written === undefined) return stored;
  if (written.length < SHORTEST_PREFIX) {
    throw new LockkeeperError('PlanChanged', `${written} is too short to name a plan`, {
      fix: `write at least ${SHORTEST_PREFIX} digits: ${stored.slice(0, 12)}`,
    });
  }
  if (stored.startsWith(written.toLowerCase())) return stored;
  throw new LockkeeperError(
    'PlanChanged',
    `the execution runs plan ${stored.slice(0, 12)}, not ${written.slice(0, 12)}`,
    { fix: `look at it again: lockkeeper plan --execution ${executionId}` },
  );
}

/** The gates by name, so that a wrong one is seen before anything is reached. */
export function gateArgument(): Argument {
  return createArgument('<gate>', 'one of the gates').choices(STOPS);
}

export function addApprove(program: Command, cli: Cli): void {
  program
    .command('approve')
    .description('approve a gate')
    .argument('<execution>', 'id of an execution, or a migration')
    .addArgument(gateArgument())
    .option('--reason <text>', 'why, for the audit trail')
    .option('--plan <hash>', 'the plan you looked at; refused when it is another')
    .action(
      async (
        execution: string,
        gate: StopName,
        { reason, plan }: { readonly reason?: string; readonly plan?: string },
        verb: Command,
      ) =>
        onEnvironment(cli, verb, (connection) =>
          approve(connection, { execution, gate, reason, plan }),
        ),
    );
}
