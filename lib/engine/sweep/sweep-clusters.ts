import type { Execution } from '../../core/executions/execution.ts';
import { type EpochMs, type ExecutionId, parseExecutionId } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterService, RestoredCluster } from '../../ports/cluster-service.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import { journal } from '../context.ts';
import { reasonToKeep } from './reason-to-keep.ts';

export interface SweepContext {
  readonly control: ControlStore;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly clusters: ClusterService;
  /** The cluster that is migrated; nothing is ever done to it. */
  readonly clusterIdentifier: string;
}

export interface Sweep {
  readonly removed: readonly string[];
  /** Those that could not be removed; the next call tries again. */
  readonly failed: readonly { readonly clusterIdentifier: string; readonly why: string }[];
}

/** Restores are rare: one that is older than the latest hundred executions is not under way. */
const LATEST = 100;

/**
 * Removes restored clusters that outlived the time in their tag. Called again it goes on where it
 * was: a cluster whose deletion has begun is `deleting` and is left alone.
 */
export async function sweepClusters(context: SweepContext): Promise<Sweep> {
  const { clusters, control, clock, clusterIdentifier: target } = context;
  const now = clock.now();
  const underWay = (await control.listExecutions({ limit: LATEST })).filter(isUnderWay);
  const removed: string[] = [];
  const failed: { clusterIdentifier: string; why: string }[] = [];
  for (const cluster of await clusters.listClusters()) {
    const { clusterIdentifier } = cluster;
    if (clusterIdentifier === target) continue;
    if (reasonToKeep(cluster, now, underWay) !== undefined) continue;
    // Another stack's restores are for its own sweep: only this one knows its executions.
    const execution = await executionOf(context, cluster);
    if (execution === undefined) continue;
    try {
      await remove(context, cluster);
      removed.push(clusterIdentifier);
      await tell(context, execution, cluster, now);
    } catch (error) {
      failed.push({ clusterIdentifier, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
  return { removed, failed };
}

function isUnderWay({ status }: Execution): boolean {
  return status === 'starting' || status === 'running';
}

async function executionOf(
  { control }: SweepContext,
  { tags }: RestoredCluster,
): Promise<Execution | undefined> {
  const id: ExecutionId | undefined = parseExecutionId(tags['lockkeeper:execution'] ?? '');
  return id && control.getExecution(id);
}

/** A cluster may go while its instances are being deleted, and not before. */
async function remove({ clusters }: SweepContext, cluster: RestoredCluster): Promise<void> {
  for (const { instanceIdentifier, status } of cluster.instances) {
    if (status !== 'deleting') await clusters.deleteInstance(instanceIdentifier);
  }
  await clusters.deleteCluster(cluster.clusterIdentifier);
}

async function tell(
  { control, events, clock }: SweepContext,
  { executionId, migrationId }: Execution,
  { clusterIdentifier, tags }: RestoredCluster,
  until: EpochMs,
): Promise<void> {
  await journal({ control, events, clock, executionId, migrationId, until }, 'ClusterRemoved', {
    by: 'the sweep',
    reason: `it expired ${tags['lockkeeper:expires']}`,
    facts: { cluster: clusterIdentifier },
  });
}
