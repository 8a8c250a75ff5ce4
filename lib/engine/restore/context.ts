import { LockkeeperError } from '../../core/errors.ts';
import type { EpochMs, ExecutionId } from '../../core/ids.ts';
import { EXPIRES, expiryOf } from '../../core/restore/lifetime.ts';
import type { RestoreOrder } from '../../core/restore/order.ts';
import type { Outcome } from '../../core/workflow/outcome.ts';
import type {
  ClusterDescription,
  ClusterService,
  RestoredCluster,
} from '../../ports/cluster-service.ts';
import type { Database } from '../../ports/database.ts';
import type { EngineContext } from '../context.ts';

/** What every step of a restore gets; the execution of the context is the restore itself. */
export interface RestoreContext extends EngineContext {
  readonly order: RestoreOrder;
  /** `<original cluster>/<database>`: what the lease is taken on. */
  readonly target: string;
}

/** For the steps that work on clusters. */
export interface ClusterContext extends RestoreContext {
  readonly clusters: ClusterService;
}

/** For the steps that ask databases. */
export interface SqlContext extends ClusterContext {
  /** Opens the target's database in the cluster of that name. */
  connect(clusterIdentifier: string): Database;
}

/** Whose takeover a cluster belongs to. A tag moves along with a rename; a name does not. */
export const TAKING_OVER = 'lockkeeper:taking-over';
export const PUT_ASIDE = 'lockkeeper:put-aside-by';
/** The execution that a restored cluster was made for. */
const RESTORED_FOR = 'lockkeeper:execution';

/** Where the restored cluster is: it has one name before the takeover and another one after. */
export type Whereabouts =
  | { readonly kind: 'absent' }
  | { readonly kind: 'beside'; readonly cluster: RestoredCluster }
  | { readonly kind: 'in-place'; readonly cluster: RestoredCluster };

/** @throws LockkeeperError Conflict when somebody else's cluster has the name */
export async function whereabouts(context: ClusterContext): Promise<Whereabouts> {
  const { names, of } = context.order;
  const beside = await context.clusters.findCluster(names.restored);
  if (beside !== undefined) {
    if (beside.tags[RESTORED_FOR] === of) return { kind: 'beside', cluster: beside };
    throw new LockkeeperError(
      'Conflict',
      `a cluster ${names.restored} exists already and was not restored by us`,
      { fix: 'rename or delete it, then run the restore again' },
    );
  }
  const inPlace = await context.clusters.findCluster(names.original);
  return inPlace !== undefined && isOurs(inPlace, context.executionId)
    ? { kind: 'in-place', cluster: inPlace }
    : { kind: 'absent' };
}

export function isOurs(cluster: RestoredCluster, restoreId: ExecutionId): boolean {
  return cluster.tags[TAKING_OVER] === restoreId;
}

/** How the new cluster and its instance are to be made: a snapshot carries nothing of it. */
export async function configurationOf(context: ClusterContext): Promise<ClusterDescription> {
  const { of, source, names } = context.order;
  if (source.kind === 'point-in-time') return context.clusters.describeCluster(names.original);
  const records = await context.control.listSnapshotRecords(of);
  const record = records.find(({ moment }) => moment === source.moment);
  if (record !== undefined) return record.cluster;
  throw new LockkeeperError('UnknownSnapshot', `execution ${of} has no snapshot ${source.moment}`, {
    fix: 'lockkeeper snapshots lists those that exist',
  });
}

/** The tags of the original, and where the new cluster comes from. Ours of before are left behind. */
export function restoredTags(
  { of, source }: RestoreOrder,
  { tags }: ClusterDescription,
  orderedAt: EpochMs,
): Readonly<Record<string, string>> {
  const theirs = Object.entries(tags).filter(([key]) => !key.startsWith('lockkeeper:'));
  return {
    ...Object.fromEntries(theirs),
    'lockkeeper:restored-from':
      source.kind === 'snapshot' ? source.snapshotIdentifier : 'point-in-time',
    [RESTORED_FOR]: of,
    [EXPIRES]: expiryOf(orderedAt),
  };
}

/** When the restore was ordered: the same in every call, so that what is derived from it is, too. */
export async function orderedAt({ control, clock, executionId }: RestoreContext): Promise<EpochMs> {
  return (await control.getExecution(executionId))?.startedAt ?? clock.now();
}

/** Whether an earlier run of this restore came to its end already. */
export async function isReconciled({ control, executionId }: RestoreContext): Promise<boolean> {
  const events = await control.listAudit(executionId);
  return events.some(({ kind }) => kind === 'LedgerReconciled');
}

/**
 * A copy of a small cluster takes seconds, of a large one many minutes: waiting a quarter of the age
 * again loses at most a fifth, and never asks more often than every 2 s or less than every 30 s.
 */
export async function pollLater(context: RestoreContext, reason: string): Promise<Outcome> {
  const execution = await context.control.getExecution(context.executionId);
  const age = context.clock.now() - (execution?.runs.at(-1)?.startedAt ?? context.clock.now());
  return { kind: 'wait', seconds: Math.min(30, Math.max(2, age / 4_000)), reason };
}

/** Shows what the restore is doing. */
export async function showActivity(context: RestoreContext, activity: string): Promise<void> {
  await context.control.changeExecution(context.executionId, { status: 'running', activity });
}

export function failed(reason: string, fix?: string): Outcome {
  return { kind: 'failed', reason: fix === undefined ? reason : `${reason}; ${fix}` };
}
