import type { EnvironmentSettings } from '../../core/config/environment-settings.ts';
import { LockkeeperError } from '../../core/errors.ts';
import { type Execution, isFinished } from '../../core/executions/execution.ts';
import type { EpochMs, ExecutionId } from '../../core/ids.ts';
import { clusterNames, restoreIdOf } from '../../core/restore/names.ts';
import { describeSource, type RestoreOrder, type RestoreSource } from '../../core/restore/order.ts';
import type { SnapshotMoment } from '../../core/workflow/payload.ts';
import type { ClusterDescription, ClusterService } from '../../ports/cluster-service.ts';
import { isAtWork, type LaunchContext } from '../start-execution.ts';

export interface OrderContext extends LaunchContext {
  readonly clusters: ClusterService;
  /** Whose rules apply now; those of when the migration was started may be others. */
  readonly environment: EnvironmentSettings;
}

/** What somebody asks for. */
export interface RestoreRequest {
  readonly of: ExecutionId;
  readonly from:
    | {
        readonly kind: 'snapshot' /** Default: the newest, with which the least is lost. */;
        readonly moment: SnapshotMoment | undefined;
      }
    | { readonly kind: 'point-in-time'; readonly at: EpochMs | undefined };
  readonly takeOver: boolean;
}

/** An order that can be given, and what it was decided with. Nothing was changed to find it out. */
export interface PreparedOrder {
  readonly restoreId: ExecutionId;
  readonly order: RestoreOrder;
  readonly execution: Execution;
  readonly configuration: ClusterDescription;
  /** The newest restore of the same execution. */
  readonly previous: Execution | undefined;
}

/**
 * Decides everything about a restore that can be decided before it begins.
 * @throws LockkeeperError UnknownExecution, UnknownSnapshot, WrongState
 */
export async function prepareOrder(
  context: OrderContext,
  request: RestoreRequest,
): Promise<PreparedOrder> {
  const execution = await context.control.getExecution(request.of);
  if (execution === undefined) {
    throw new LockkeeperError('UnknownExecution', `there is no execution ${request.of}`);
  }
  if (execution.restore !== undefined) {
    throw new LockkeeperError('WrongState', `${request.of} is a restore itself`, {
      fix: `lockkeeper resume ${request.of} goes on with it; lockkeeper restore ${execution.restore.of} begins another one`,
    });
  }
  const { source, configuration } = await sourceOf(context, execution, request);
  const previous = await newestRestore(context, execution);
  const number = previous === undefined ? 1 : previous.number + 1;
  const restoreId = restoreIdOf(execution.executionId, execution.migrationId, number);
  const writer = configuration.instances.find((instance) => instance.isWriter);
  if (writer === undefined) {
    throw new LockkeeperError(
      'RestoreFailed',
      `the captured configuration of ${configuration.clusterIdentifier} names no writer instance`,
    );
  }
  const names = clusterNames(
    {
      original: configuration.clusterIdentifier,
      originalWriter: writer.instanceIdentifier,
      of: execution.executionId,
      source,
    },
    restoreId,
  );
  return {
    restoreId,
    order: { of: execution.executionId, source, takeOver: request.takeOver, names },
    execution,
    configuration,
    previous: previous?.restore,
  };
}

/**
 * A restore under way that does what is asked for. Asked again, it is gone on with; one that does
 * something else has to end first, unless it stopped before it touched anything.
 * @throws LockkeeperError WrongState naming the restore that is in the way
 */
export async function sameRestore(
  context: OrderContext,
  { previous, order }: PreparedOrder,
): Promise<Execution | undefined> {
  if (previous?.restore === undefined || isFinished(previous.status)) return undefined;
  const { source, takeOver } = previous.restore;
  const latest = (one: RestoreSource) => one.kind === 'point-in-time' && one.at === undefined;
  const same =
    takeOver === order.takeOver &&
    (JSON.stringify(source) === JSON.stringify(order.source) ||
      (latest(source) && latest(order.source)));
  if (same) return previous;
  if (await stoppedHarmlessly(context, previous)) return undefined;
  throw new LockkeeperError(
    'WrongState',
    `restore ${previous.executionId} (${describeSource(source)}${takeOver ? ', taking over' : ''}) is ${previous.status}`,
    {
      fix: `lockkeeper resume ${previous.executionId}, or lockkeeper abort ${previous.executionId} while it is at work`,
    },
  );
}

/** Nobody works on it, and without the lease of the target it has not begun to take over. */
async function stoppedHarmlessly(context: OrderContext, previous: Execution): Promise<boolean> {
  if (await isAtWork(context, previous)) return false;
  const lease = previous.target && (await context.control.getLease(previous.target));
  return lease === undefined || lease === '' || lease.executionId !== previous.executionId;
}

/** All restores of an execution, oldest first. They are numbered without a gap. */
export async function listRestores(
  { control }: Pick<LaunchContext, 'control'>,
  execution: Execution,
): Promise<readonly Execution[]> {
  const found: Execution[] = [];
  for (let number = 1; ; number += 1) {
    const id = restoreIdOf(execution.executionId, execution.migrationId, number);
    const restore = await control.getExecution(id);
    if (restore === undefined) return found;
    found.push(restore);
  }
}

async function newestRestore(
  context: OrderContext,
  execution: Execution,
): Promise<{ readonly number: number; readonly restore: Execution } | undefined> {
  const restores = await listRestores(context, execution);
  const restore = restores.at(-1);
  return restore && { number: restores.length, restore };
}

async function sourceOf(
  { control, clusters }: OrderContext,
  execution: Execution,
  { from }: RestoreRequest,
): Promise<{ readonly source: RestoreSource; readonly configuration: ClusterDescription }> {
  const { executionId, target } = execution;
  if (from.kind === 'point-in-time') {
    if (target === undefined) {
      throw new LockkeeperError('WrongState', `execution ${executionId} never had a target`);
    }
    const configuration = await clusters.describeCluster(target.slice(0, target.indexOf('/')));
    return { source: from, configuration };
  }
  const records = await control.listSnapshotRecords(executionId);
  const wanted =
    from.moment ?? records.findLast(({ availableAt }) => availableAt !== undefined)?.moment;
  const record = records.find(({ moment }) => moment === wanted);
  if (record !== undefined) {
    const { moment, snapshotIdentifier } = record;
    return {
      source: { kind: 'snapshot', moment, snapshotIdentifier },
      configuration: record.cluster,
    };
  }
  const has = records.map(({ moment }) => moment).join(', ');
  throw new LockkeeperError(
    'UnknownSnapshot',
    `execution ${executionId} has no snapshot${wanted === undefined ? '' : ` ${wanted}`}`,
    {
      fix:
        has === ''
          ? 'lockkeeper snapshots lists those that exist; --point-in-time needs none'
          : `it has: ${has}`,
    },
  );
}
