import { isFinished } from '../core/executions/execution.ts';
import { type DurationMs, durationMs, type EpochMs } from '../core/ids.ts';
import { type ExpectedDuration, expectedDuration } from '../core/restore/expected-duration.ts';
import type { RestoreOrder } from '../core/restore/order.ts';
import { type Permission, permissionsOf } from '../core/restore/permissions.ts';
import { listRestores, type PreparedOrder } from '../engine/restore/prepare-order.ts';
import { timeOf } from '../engine/restore/report.ts';
import type { CommandResult } from './command-result.ts';
import type { Connection } from './connection.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { type PlannedCall, plannedCalls } from './planned-calls.ts';
import { restorePlanView } from './views/restore-plan-view.ts';

/** What a restore would do; the JSON of `restore --dry-run`. */
export interface RestorePlan {
  readonly restoreId: string;
  readonly order: RestoreOrder;
  /** The restored cluster is there from an earlier restore and is used again. */
  readonly thereAlready: boolean;
  readonly calls: readonly PlannedCall[];
  readonly permissions: readonly Permission[];
  readonly expected: ExpectedDuration;
  /** The time that it brings back. */
  readonly takenAt: EpochMs;
  /** What would be lost if it took over now. */
  readonly writeLossMs: DurationMs;
  /** An execution that is at work on the target: it has to end before anything takes over. */
  readonly inTheWay: string | undefined;
}

/** Finds out everything about a restore and changes nothing. */
export async function dryRun(
  connection: Connection,
  prepared: PreparedOrder,
): Promise<CommandResult> {
  const { clusters, clock, environment } = connection;
  const { order, configuration, restoreId } = prepared;
  const there = await clusters.findCluster(order.names.restored);
  const original = await clusters.findCluster(order.names.original);
  const takenAt = await timeOf(connection, order);
  const plan: RestorePlan = {
    restoreId,
    order,
    thereAlready: there !== undefined,
    calls: plannedCalls({
      ...prepared,
      now: clock.now(),
      original: original && (await clusters.describeCluster(order.names.original)),
    }),
    permissions: permissionsOf(order.names, {
      pointInTime: order.source.kind === 'point-in-time',
      takeOver: order.takeOver,
      kmsKeyId: configuration.kmsKeyId,
    }),
    expected: expectedDuration({
      takeOver: order.takeOver,
      thereAlready: there !== undefined,
      earlier: await earlierDurations(connection, prepared),
      embedded: environment.target.kind === 'embedded',
    }),
    takenAt,
    writeLossMs: durationMs(Math.max(0, clock.now() - takenAt)),
    inTheWay: await inTheWay(connection, prepared),
  };
  return { exitCode: EXIT_CODES.ok, text: restorePlanView(plan), value: plan };
}

/** The execution that holds the target and is not at its end, other than the one that is restored. */
export async function inTheWay(
  { control, target }: Connection,
  { restoreId }: PreparedOrder,
): Promise<string | undefined> {
  const holder = (await control.getLease(target.name))?.executionId;
  if (holder === undefined || holder === restoreId) return undefined;
  const execution = await control.getExecution(holder);
  const atWork =
    execution !== undefined &&
    !isFinished(execution.status) &&
    (execution.status === 'starting' ||
      execution.status === 'running' ||
      execution.status === 'rolling-back');
  return atWork ? holder : undefined;
}

async function earlierDurations(
  connection: Connection,
  { execution }: PreparedOrder,
): Promise<readonly DurationMs[]> {
  const restores = await listRestores(connection, execution);
  return restores.flatMap(({ status, startedAt, finishedAt, restore }) =>
    status === 'succeeded' && finishedAt !== undefined && restore?.takeOver === false
      ? [durationMs(finishedAt - startedAt)]
      : [],
  );
}
