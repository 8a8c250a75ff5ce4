import { EXPIRES, expiryOf } from '../../core/restore/lifetime.ts';
import { describeSource } from '../../core/restore/order.ts';
import { done, type Outcome } from '../../core/workflow/outcome.ts';
import type { RestoredCluster } from '../../ports/cluster-service.ts';
import { abortReason } from '../flags.ts';
import {
  type ClusterContext,
  configurationOf,
  failed,
  orderedAt,
  pollLater,
  restoredTags,
  showActivity,
  whereabouts,
} from './context.ts';

/** The states of an RDS cluster or instance that it does not leave by itself. */
const BROKEN = /^(?:failed|deleting|deleted|incompatible-.*|inaccessible-.*|storage-full)$/;

/** Whether what is to be restored can be. Changes nothing. */
export async function findSource(context: ClusterContext): Promise<Outcome> {
  const abort = await stopped(context);
  if (abort !== undefined) return abort;
  const { source, names } = context.order;
  await showActivity(context, `find what to restore (${describeSource(source)})`);
  if ((await whereabouts(context)).kind !== 'absent') return done;
  if (source.kind === 'snapshot') {
    const snapshot = await context.clusters.snapshotState(source.snapshotIdentifier);
    if (snapshot.kind === 'available') return done;
    if (snapshot.kind === 'creating') return pollLater(context, `${snapshot.percent}% of it exist`);
    return failed(
      `snapshot ${source.snapshotIdentifier} cannot be restored: it is ${snapshot.kind}`,
      'lockkeeper snapshots lists those that exist',
    );
  }
  const { earliestRestorableTime, latestRestorableTime } = await context.clusters.describeCluster(
    names.original,
  );
  const { at } = source;
  const outside =
    at !== undefined &&
    ((earliestRestorableTime !== undefined && at < earliestRestorableTime) ||
      (latestRestorableTime !== undefined && at > latestRestorableTime));
  if (!outside) return done;
  return failed(
    `${names.original} can be restored to a time from ${iso(earliestRestorableTime)} to ${iso(latestRestorableTime)}, not to ${iso(at)}`,
    'choose a time in between, or restore a snapshot',
  );
}

/** Makes the new cluster; one that is there already is taken as it is. */
export async function restoreCluster(context: ClusterContext): Promise<Outcome> {
  const abort = await stopped(context);
  if (abort !== undefined) return abort;
  const where = await whereabouts(context);
  if (where.kind === 'beside') await renew(context, where.cluster);
  if (where.kind !== 'absent') return ready(context, where.cluster);
  const { source, names } = context.order;
  const configuration = await configurationOf(context);
  const request = {
    newClusterIdentifier: names.restored,
    configuration,
    tags: restoredTags(context.order, configuration, await orderedAt(context)),
  };
  await showActivity(context, `restore into the new cluster ${names.restored}`);
  const started =
    source.kind === 'snapshot'
      ? await context.clusters.startRestore({
          ...request,
          snapshotIdentifier: source.snapshotIdentifier,
        })
      : await context.clusters.startRestoreToTime({
          ...request,
          sourceClusterIdentifier: names.original,
          at: source.at,
        });
  return ready(context, started);
}

/** A cluster that an earlier restore made stays as long as one of now would. */
async function renew(context: ClusterContext, { clusterArn, tags }: RestoredCluster) {
  const expires = expiryOf(await orderedAt(context));
  if ((tags[EXPIRES] ?? '') >= expires) return;
  await context.clusters.tagCluster(clusterArn, { [EXPIRES]: expires });
}

/** A restored cluster has no instance, so nothing can connect to it. */
export async function createInstance(context: ClusterContext): Promise<Outcome> {
  const abort = await stopped(context);
  if (abort !== undefined) return abort;
  const where = await whereabouts(context);
  if (where.kind === 'absent') return failed(`${context.order.names.restored} has disappeared`);
  const [instance] = where.cluster.instances;
  if (instance === undefined) return giveInstance(context, where.cluster);
  if (instance.status === 'available') return done;
  if (BROKEN.test(instance.status)) {
    return failed(
      `instance ${instance.instanceIdentifier} is ${instance.status}`,
      'delete it, then resume the restore',
    );
  }
  return pollLater(context, `instance ${instance.instanceIdentifier} is ${instance.status}`);
}

/** A restored cluster has its Data API off. */
export async function turnOnDataApi(context: ClusterContext): Promise<Outcome> {
  const where = await whereabouts(context);
  if (where.kind === 'absent') return failed(`${context.order.names.restored} has disappeared`);
  if (where.kind === 'in-place' || where.cluster.dataApiEnabled) return done;
  await showActivity(context, 'turn its Data API on');
  await context.clusters.enableDataApi(where.cluster.clusterArn);
  return pollLater(context, 'its Data API is being turned on');
}

async function giveInstance(context: ClusterContext, cluster: RestoredCluster): Promise<Outcome> {
  const configuration = await configurationOf(context);
  const writer = configuration.instances.find((instance) => instance.isWriter);
  if (writer === undefined) {
    return failed(
      `the captured configuration of ${configuration.clusterIdentifier} names no writer instance`,
    );
  }
  await showActivity(context, `give it an instance of class ${writer.instanceClass}`);
  await context.clusters.createInstance({
    clusterIdentifier: cluster.clusterIdentifier,
    instanceIdentifier: context.order.names.restoredWriter,
    instanceClass: writer.instanceClass,
    engine: configuration.engine,
    publiclyAccessible: writer.publiclyAccessible,
    tags: restoredTags(context.order, configuration, await orderedAt(context)),
  });
  return pollLater(context, 'its instance is being created');
}

async function ready(context: ClusterContext, cluster: RestoredCluster): Promise<Outcome> {
  const { clusterIdentifier, status } = cluster;
  if (status === 'available') return done;
  if (BROKEN.test(status)) {
    return failed(
      `cluster ${clusterIdentifier} is ${status}`,
      'delete it, then resume the restore: it makes another one',
    );
  }
  return pollLater(context, `cluster ${clusterIdentifier} is ${status}`);
}

/** Until the takeover begins, whoever asks to stop is heard. */
async function stopped(context: ClusterContext): Promise<Outcome | undefined> {
  const reason = abortReason(await context.control.getFlags(context.executionId));
  return reason === undefined ? undefined : { kind: 'aborted', reason };
}

function iso(at: number | undefined): string {
  return at === undefined ? 'unknown' : new Date(at).toISOString();
}
