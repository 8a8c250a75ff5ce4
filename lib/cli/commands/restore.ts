import { type Command, Option } from 'commander';
import type { Execution } from '../../core/executions/execution.ts';
import type { DurationMs } from '../../core/ids.ts';
import { SNAPSHOT_MOMENTS, type SnapshotMoment } from '../../core/workflow/payload.ts';
import type { SqlContext } from '../../engine/restore/context.ts';
import { launchRestore, recordOrder, requireWorkflow } from '../../engine/restore/order-restore.ts';
import { prepareOrder, sameRestore } from '../../engine/restore/prepare-order.ts';
import { type RestoreReport, reportRestore } from '../../engine/restore/report.ts';
import { restoreHere } from '../../engine/restore/run-here.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { dryRun, inTheWay } from '../dry-run-restore.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import { type Followed, follow } from '../follow.ts';
import { followedResult } from '../followed-result.ts';
import { noteInTrail } from '../note-in-trail.ts';
import type { Output } from '../output.ts';
import { type PointInTime, pointInTimeArgument } from '../point-in-time-argument.ts';
import { changeTeller } from '../tell-changes.ts';
import { restoreView } from '../views/restore-view.ts';

export interface RestoreArguments {
  readonly execution: string;
  /** @default - the newest snapshot of the execution: the least is lost with it */
  readonly moment: SnapshotMoment | undefined;
  /** Instead of a snapshot. @default - a snapshot */
  readonly pointInTime?: PointInTime | undefined;
  /** Whether the restored cluster takes the place of the original. @default false */
  readonly takeOver?: boolean;
  /** Prints what would be done. @default false */
  readonly dryRun?: boolean;
  /** @default - about once a second */
  readonly lookEveryMs?: DurationMs;
}

/**
 * Makes a new cluster from a snapshot, or of a point in time. The target is not touched, unless the
 * new one is told to take over and somebody approves that. Asked again it goes on with the same.
 * @throws LockkeeperError UnknownSnapshot, WrongState, RestoreFailed
 */
export async function restore(
  connection: Connection,
  args: RestoreArguments,
  output: Output,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, args.execution);
  const prepared = await prepareOrder(connection, {
    of: execution.executionId,
    from: fromOf(args),
    takeOver: args.takeOver ?? false,
  });
  if (args.dryRun === true) return dryRun(connection, prepared);
  const underWay = await sameRestore(connection, prepared);
  if (underWay === undefined && prepared.order.takeOver) {
    requireWorkflow(connection.restores);
    const other = await inTheWay(connection, prepared);
    if (other !== undefined) {
      output.progress(
        `${other} is at work on the target: end it before the takeover is approved, with lockkeeper abort ${other}`,
      );
    }
  }
  const ordered = underWay ?? (await recordOrder(connection, prepared));
  const { executionId } = ordered;
  output.progress(`${underWay === undefined ? 'started' : 'going on with'} ${executionId}`);
  if (underWay === undefined) {
    await noteInTrail(connection, execution, 'RestoreStarted', { facts: { restore: executionId } });
  }
  if (connection.restores === undefined) {
    await restoreHere(hereContext(connection, ordered), { report: eachOnce(output) });
    return told(connection, execution, ordered);
  }
  await launchRestore(connection, ordered, connection.restores);
  const followed = await follow(connection, executionId, {
    onLook: changeTeller(output),
    until: ({ gates }) => gates.some(({ decision }) => decision === undefined),
    ...(args.lookEveryMs !== undefined && { lookEveryMs: args.lookEveryMs }),
  });
  return ended(followed)
    ? told(connection, execution, ordered)
    : followedResult(followed, connection.clock.now());
}

/** What is needed to make a restore with the caller's own permissions. */
export function hereContext(connection: Connection, restore: Execution): SqlContext {
  const { executionId, migrationId, restore: order } = restore;
  const { clusterArn, name } = connection.target;
  const sibling = (identifier: string) =>
    `${clusterArn.slice(0, clusterArn.lastIndexOf(':') + 1)}${identifier}`;
  if (order === undefined) throw new TypeError(`${executionId} is not a restore`);
  return {
    ...connection,
    executionId,
    migrationId,
    order,
    target: name,
    until: connection.clock.now(),
    connect: (identifier) => connection.connectDatabase(sibling(identifier)),
  };
}

function fromOf({ moment, pointInTime }: RestoreArguments) {
  return pointInTime === undefined
    ? ({ kind: 'snapshot', moment } as const)
    : ({ kind: 'point-in-time', at: pointInTime.at } as const);
}

function ended({ kind, facts }: Followed): boolean {
  return kind === 'ended' && facts.execution.status === 'succeeded';
}

async function told(
  connection: Connection,
  execution: Execution,
  ordered: Execution,
): Promise<CommandResult> {
  const report: RestoreReport = await reportRestore(
    { ...connection, connect: (arn) => connection.connectDatabase(arn) },
    ordered,
  );
  const { restoreId, restoredCluster, writeLossMs } = report;
  await noteInTrail(connection, execution, 'RestoreFinished', {
    facts: { restore: restoreId, cluster: restoredCluster, writeLossMs },
  });
  return { exitCode: EXIT_CODES.ok, text: restoreView(report), value: report };
}

/** Waiting says the same again and again; a log wants it once. */
function eachOnce(output: Output): (line: string) => void {
  let last = '';
  return (line) => {
    if (line !== last) output.progress(line);
    last = line;
  };
}

interface RestoreOptions {
  readonly moment?: SnapshotMoment;
  readonly pointInTime?: PointInTime;
  readonly takeOver?: boolean;
  readonly dryRun?: boolean;
}

export function addRestore(program: Command, cli: Cli): void {
  program
    .command('restore')
    .description('make a new cluster from a snapshot or a time; the target is not touched')
    .argument('<execution>', 'id of an execution, or a migration')
    .addOption(
      new Option('--moment <moment>', 'which of its snapshots (default: the newest)').choices(
        SNAPSHOT_MOMENTS,
      ),
    )
    .addOption(
      new Option(
        '--point-in-time <time>',
        'a time such as 2026-11-22T17:00:00Z, or latest, instead of a snapshot',
      )
        .argParser(pointInTimeArgument)
        .conflicts('moment'),
    )
    .option('--take-over', 'let it take the name of the original, once somebody approves')
    .option('--dry-run', 'print each call, the permissions, how long and what is lost')
    .action(async (execution: string, options: RestoreOptions, verb: Command) =>
      onEnvironment(cli, verb, (connection) => {
        const { moment, pointInTime, takeOver = false, dryRun: dry = false } = options;
        return restore(
          connection,
          { execution, moment, pointInTime, takeOver, dryRun: dry },
          cli.output,
        );
      }),
    );
}
