import { keptName } from '../../core/restore/names.ts';
import { done, type Outcome, proceed } from '../../core/workflow/outcome.ts';
import type { RestoredCluster } from '../../ports/cluster-service.ts';
import { journal } from '../context.ts';
import {
  type ClusterContext,
  failed,
  isOurs,
  isReconciled,
  PUT_ASIDE,
  pollLater,
  showActivity,
  TAKING_OVER,
  whereabouts,
} from './context.ts';

/** Marks a cluster whose Data API was turned off since its rename, and so may be turned on. */
export const DATA_API_TOGGLED = 'lockkeeper:data-api-toggled-by';
/** Set on the restored cluster where there was nothing to put aside. */
const ORIGINAL_GONE = 'lockkeeper:original-was-gone';

/**
 * Tags both clusters, so that each is known whatever it is called, and protects both from being
 * deleted. From here on no janitor may think that either is temporary.
 */
export async function protectClusters(context: ClusterContext): Promise<Outcome> {
  const refusal = await notOurs(context);
  if (refusal !== undefined) return refusal;
  const { names } = context.order;
  const where = await whereabouts(context);
  if (where.kind === 'in-place') return done;
  if (where.kind === 'absent') return failed(`${names.restored} has disappeared`);
  await showActivity(context, `protect ${names.original} and ${names.restored}`);
  const old = await oldCluster(context);
  const missing = missingProtection(context, old, where.cluster);
  if (missing === undefined) {
    return bothAvailable(context, [old?.clusterIdentifier, names.restored]);
  }
  // One act a call: whatever becomes of this call, the next one begins with a look.
  await missing();
  return proceed;
}

function missingProtection(
  { clusters, executionId }: ClusterContext,
  old: RestoredCluster | undefined,
  restored: RestoredCluster,
): (() => Promise<void>) | undefined {
  if (old !== undefined && old.tags[PUT_ASIDE] !== executionId) {
    return () => clusters.tagCluster(old.clusterArn, { [PUT_ASIDE]: executionId });
  }
  if (old !== undefined && !old.deletionProtection) {
    return () => clusters.protectCluster(old.clusterIdentifier);
  }
  if (!isOurs(restored, executionId)) {
    const gone = old === undefined && { [ORIGINAL_GONE]: executionId };
    return () => clusters.tagCluster(restored.clusterArn, { [TAKING_OVER]: executionId, ...gone });
  }
  return restored.deletionProtection
    ? undefined
    : () => clusters.protectCluster(restored.clusterIdentifier);
}

/**
 * Renames the old cluster, then its instances. The cluster first: from then on nobody finds it under
 * the name that applications know. An instance restarts with its rename, which drops every
 * connection that is left.
 */
export async function moveAway(context: ClusterContext): Promise<Outcome> {
  const refusal = await notOurs(context);
  if (refusal !== undefined) return refusal;
  const { names } = context.order;
  const where = await whereabouts(context);
  if (where.kind !== 'absent' && where.cluster.tags[ORIGINAL_GONE] === context.executionId) {
    return done;
  }
  const kept = await context.clusters.findCluster(names.kept);
  if (kept !== undefined) return renameInstances(context, kept);
  const old = await oldCluster(context);
  if (old === undefined || old.status !== 'available') {
    return pollLater(context, `${names.original} is being renamed`);
  }
  await showActivity(context, `rename ${names.original} to ${names.kept}`);
  await context.clusters.renameCluster(names.original, names.kept);
  return pollLater(context, `${names.original} is being renamed to ${names.kept}`);
}

/** Renames the restored cluster to the name that is free now, then its instance. */
export async function moveIn(context: ClusterContext): Promise<Outcome> {
  const refusal = await notOurs(context);
  if (refusal !== undefined) return refusal;
  const { names } = context.order;
  const where = await whereabouts(context);
  if (where.kind === 'in-place') return renameWriter(context, where.cluster);
  if (where.kind === 'absent' || where.cluster.status !== 'available') {
    return pollLater(context, `${names.restored} is being renamed`);
  }
  await showActivity(context, `rename ${names.restored} to ${names.original}`);
  await context.clusters.renameCluster(names.restored, names.original);
  return pollLater(context, `${names.restored} is being renamed to ${names.original}`);
}

/**
 * A renamed cluster shows its Data API as on and refuses every call until it was turned off and on.
 * The old cluster's too: whoever looks for a lost row needs it.
 */
export async function toggleDataApi(context: ClusterContext): Promise<Outcome> {
  const refusal = await notOurs(context);
  if (refusal !== undefined) return refusal;
  const { names } = context.order;
  for (const name of [names.original, names.kept]) {
    const cluster = await context.clusters.findCluster(name);
    if (cluster === undefined) continue;
    const outcome = await toggle(context, cluster);
    if (outcome !== undefined) return outcome;
  }
  await journal(context, 'RestoreTakenOver', {
    facts: { cluster: names.original, kept: names.kept },
  });
  return done;
}

async function toggle(
  context: ClusterContext,
  cluster: RestoredCluster,
): Promise<Outcome | undefined> {
  const name = cluster.clusterIdentifier;
  if (cluster.status !== 'available') return pollLater(context, `${name} is ${cluster.status}`);
  if (cluster.tags[DATA_API_TOGGLED] === context.executionId) {
    if (cluster.dataApiEnabled) return undefined;
    await context.clusters.enableDataApi(cluster.clusterArn);
    return pollLater(context, `the Data API of ${name} is being turned on`);
  }
  await showActivity(context, `turn the Data API of ${name} off and on`);
  if (cluster.dataApiEnabled) await context.clusters.disableDataApi(cluster.clusterArn);
  await context.clusters.tagCluster(cluster.clusterArn, {
    [DATA_API_TOGGLED]: context.executionId,
  });
  return pollLater(context, `the Data API of ${name} is being turned off`);
}

async function renameInstances(context: ClusterContext, kept: RestoredCluster): Promise<Outcome> {
  const name = kept.clusterIdentifier;
  if (kept.status !== 'available') return pollLater(context, `${name} is ${kept.status}`);
  for (const { instanceIdentifier, status } of kept.instances) {
    if (status !== 'available') return pollLater(context, `${instanceIdentifier} is ${status}`);
    // What was renamed already ends in the same words, cut to the same length.
    const wanted = keptName(originalOf(instanceIdentifier, context), context.executionId);
    if (instanceIdentifier === wanted) continue;
    await showActivity(context, `rename ${instanceIdentifier} to ${wanted}`);
    await context.clusters.renameInstance(instanceIdentifier, wanted);
    return pollLater(context, `${instanceIdentifier} is being renamed`);
  }
  return done;
}

/** The name without what a rename puts behind it. */
function originalOf(instance: string, { executionId }: ClusterContext): string {
  const tail = keptName('', executionId);
  return instance.endsWith(tail) ? instance.slice(0, -tail.length) : instance;
}

async function renameWriter(context: ClusterContext, cluster: RestoredCluster): Promise<Outcome> {
  const { names } = context.order;
  const name = cluster.clusterIdentifier;
  if (cluster.status !== 'available') return pollLater(context, `${name} is ${cluster.status}`);
  if (cluster.instances.length === 0) return pollLater(context, 'its instance is being renamed');
  for (const { instanceIdentifier, status } of cluster.instances) {
    if (status !== 'available') return pollLater(context, `${instanceIdentifier} is ${status}`);
  }
  if (!cluster.instances.some((one) => one.instanceIdentifier === names.restoredWriter))
    return done;
  await showActivity(context, `rename ${names.restoredWriter} to ${names.originalWriter}`);
  await context.clusters.renameInstance(names.restoredWriter, names.originalWriter);
  return pollLater(context, `${names.restoredWriter} is being renamed`);
}

/** The cluster that has the original's name and is not the restored one. */
async function oldCluster(context: ClusterContext): Promise<RestoredCluster | undefined> {
  const found = await context.clusters.findCluster(context.order.names.original);
  return found === undefined || isOurs(found, context.executionId) ? undefined : found;
}

async function bothAvailable(
  context: ClusterContext,
  names: readonly (string | undefined)[],
): Promise<Outcome> {
  for (const name of names) {
    const cluster = name === undefined ? undefined : await context.clusters.findCluster(name);
    if (cluster === undefined) continue;
    const ready = cluster.status === 'available' && cluster.deletionProtection;
    if (!ready) return pollLater(context, `${name} is ${cluster.status}`);
  }
  return done;
}

/** A takeover is wanted, and the target is held for it; else nothing may be renamed. */
async function notOurs(context: ClusterContext): Promise<Outcome | undefined> {
  if (!context.order.takeOver) return done;
  const holder = (await context.control.getLease(context.target))?.executionId;
  // After the last record was reconciled the lease may belong to an execution that was reopened.
  if (holder === context.executionId) return undefined;
  if (await isReconciled(context)) return done;
  return failed(`the lease of ${context.target} belongs to ${holder ?? 'nobody'}`);
}
