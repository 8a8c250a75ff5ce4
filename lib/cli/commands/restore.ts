import { type Command, Option } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import type { Execution } from '../../core/executions/execution.ts';
import { durationMs } from '../../core/ids.ts';
import { SNAPSHOT_MOMENTS, type SnapshotMoment } from '../../core/workflow/payload.ts';
import { restore as restoreSnapshot } from '../../engine/restore.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findExecution } from '../find-execution.ts';
import { noteInTrail } from '../note-in-trail.ts';
import type { Output } from '../output.ts';
import { restoreView } from '../views/restore-view.ts';

/** A cluster that is a directory on this machine is there in seconds. */
const EMBEDDED_POLL_MS = durationMs(500);

export interface RestoreArguments {
  readonly execution: string;
  /** @default - the newest snapshot of the execution: the least is lost with it */
  readonly moment: SnapshotMoment | undefined;
}

/**
 * Makes a new cluster from a snapshot that an execution took. The target is not touched. Asking
 * again after an interruption goes on with the same restore.
 * @throws LockkeeperError UnknownSnapshot, RestoreFailed
 */
export async function restore(
  connection: Connection,
  args: RestoreArguments,
  output: Output,
): Promise<CommandResult> {
  const execution = await findExecution(connection.control, args.execution);
  const moment = args.moment ?? (await newestMoment(connection, execution));
  const embedded = connection.environment.target.kind === 'embedded';
  await noteInTrail(connection, execution, 'RestoreStarted', { facts: { moment } });
  const report = await restoreSnapshot(
    {
      control: connection.control,
      clusters: connection.clusters,
      clock: connection.clock,
      connect: (clusterArn) => connection.connectDatabase(clusterArn),
      report: eachOnce((line) => output.progress(line)),
      ...(embedded && { pollMs: EMBEDDED_POLL_MS }),
    },
    execution.executionId,
    moment,
  );
  await noteInTrail(connection, execution, 'RestoreFinished', {
    facts: { moment, cluster: report.restoredCluster, writeLossMs: report.writeLossMs },
  });
  return { exitCode: EXIT_CODES.ok, text: restoreView(report), value: report };
}

async function newestMoment(
  { control }: Connection,
  { executionId }: Execution,
): Promise<SnapshotMoment> {
  const records = await control.listSnapshotRecords(executionId);
  const newest = records
    .filter((record) => record.availableAt !== undefined)
    .toSorted((left, right) => right.requestedAt - left.requestedAt)[0];
  if (newest !== undefined) return newest.moment;
  throw new LockkeeperError('UnknownSnapshot', `execution ${executionId} has no snapshot`, {
    fix: 'lockkeeper snapshots lists those that exist',
  });
}

/** Waiting says the same again and again; a log wants it once. */
function eachOnce(report: (line: string) => void): (line: string) => void {
  let last = '';
  return (line) => {
    if (line !== last) report(line);
    last = line;
  };
}

export function addRestore(program: Command, cli: Cli): void {
  program
    .command('restore')
    .description('make a new cluster from a snapshot of an execution; the target is not touched')
    .argument('<execution>', 'id of an execution, or a migration')
    .addOption(
      new Option('--moment <moment>', 'which of its snapshots (default: the newest)').choices(
        SNAPSHOT_MOMENTS,
      ),
    )
    .action(
      async (execution: string, { moment }: { readonly moment?: SnapshotMoment }, verb: Command) =>
        onEnvironment(cli, verb, (connection) =>
          restore(connection, { execution, moment }, cli.output),
        ),
    );
}
