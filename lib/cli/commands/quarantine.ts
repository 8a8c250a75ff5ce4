import { type Command, Option } from 'commander';
import { describeKey } from '../../core/backfill/key.ts';
import { LockkeeperError } from '../../core/errors.ts';
import { type RetriedRow, retryQuarantine } from '../../engine/backfill/retry-quarantine.ts';
import { countQuarantine, listQuarantine } from '../../postgres/backfill/quarantine.ts';
import { executionAtWork } from '../at-work.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import { sendDecision } from '../send-decision.ts';
import { quarantineView, retriedView } from '../views/quarantine-view.ts';

/** What is shown at once; the count says how many there are. */
const SHOWN_ROWS = 200;

/** The rows that a backfill could not move, and why. Reads only. */
export async function showQuarantine(
  connection: Connection,
  name: string | undefined,
): Promise<CommandResult> {
  const { executionId } = await findExecution(connection.control, name);
  const plan = await connection.control.getPlan(executionId);
  const flags = await connection.control.getFlags(executionId);
  const database = connection.connectDatabase(connection.target.clusterArn);
  try {
    const total = await countQuarantine(database, executionId);
    const rows = (await listQuarantine(database, executionId, SHOWN_ROWS)).map((row) => {
      const step = plan?.plan.steps.find(({ stepId }) => stepId === row.stepId);
      const columns = step?.kind === 'backfill' ? step.key : [];
      return {
        stepId: row.stepId,
        key: describeKey(columns, row.key),
        sqlstate: row.why.sqlstate ?? null,
        message: row.why.message,
        setAsideAt: row.setAsideAtMs,
      };
    });
    const accepted = flags.quarantineAccepted ?? null;
    return {
      exitCode: EXIT_CODES.ok,
      text: quarantineView({ executionId, total, rows, accepted }),
      value: { executionId, total, rows, accepted },
    };
  } finally {
    await database.close();
  }
}

/** Tries each row once more, as the backfill would move it. @throws LockkeeperError WrongState */
export async function retryRows(
  connection: Connection,
  name: string | undefined,
): Promise<CommandResult> {
  const { executionId } = await findExecution(connection.control, name);
  const plan = await connection.control.getPlan(executionId);
  if (plan === undefined) {
    throw new LockkeeperError('WrongState', `${executionId} has no plan yet`);
  }
  const database = connection.connectDatabase(connection.target.clusterArn);
  try {
    const rows: readonly RetriedRow[] = await retryQuarantine(database, executionId, plan.plan);
    const refused = rows.filter(({ kind }) => kind === 'refused').length;
    return {
      exitCode: refused === 0 ? EXIT_CODES.ok : EXIT_CODES.notAllowed,
      text: retriedView(executionId, rows),
      value: { executionId, rows, refused },
    };
  } finally {
    await database.close();
  }
}

interface Flags {
  readonly retry: boolean;
  readonly accept: boolean;
  readonly reason: string | undefined;
}

export function addQuarantine(program: Command, cli: Cli): void {
  program
    .command('quarantine')
    .description('rows that a backfill could not move: list, retry or accept them')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .option('--retry', 'move them again, now that what kept them was corrected', false)
    .addOption(
      new Option('--accept', 'let contract leave behind the rows that are there now')
        .default(false)
        .conflicts('retry'),
    )
    .option('--reason <text>', 'why they may be lost; required with --accept')
    .action(async (name: string | undefined, { retry, accept, reason }: Flags, verb: Command) =>
      onEnvironment(cli, verb, async (connection) => {
        if (retry) return retryRows(connection, name);
        if (!accept) return showQuarantine(connection, name);
        if (reason === undefined) {
          throw new LockkeeperError('NotAllowed', '--accept needs a --reason for the audit trail');
        }
        const execution = await executionAtWork(connection, name);
        return sendDecision(connection, execution, { kind: 'accept-quarantine', reason });
      }),
    );
}
