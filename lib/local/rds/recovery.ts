import { dirname } from 'node:path';
import type { InstanceHolds } from './instance-holds.ts';
import type { RdsState } from './records.ts';
import { type RdsService, removeDirectory, snapshotDirectory } from './service.ts';

/**
 * Picks up where an earlier process stopped: work it had begun in the background is lost, so what
 * was being made has failed and what was being deleted is deleted; instances start again.
 */
export async function recover(service: RdsService, holds: InstanceHolds): Promise<void> {
  const before = service.file.current();
  for (const snapshot of before.snapshots.filter(({ status }) => status === 'creating')) {
    await removeDirectory(`${snapshotDirectory(service, snapshot.identifier)}.partial`);
  }
  for (const cluster of before.clusters.filter(({ status }) => status === 'deleting')) {
    await removeDirectory(dirname(service.servers.dataDirectory(cluster.resourceId)));
  }
  await service.file.change(interrupted);
  for (const instance of service.file.current().instances) {
    service.background.run(
      `starting the instance ${instance.identifier}`,
      () => holds.start(instance),
      () => service.file.change((state) => failedInstance(state, instance.identifier)),
    );
  }
  await service.background.settled();
}

function interrupted(state: RdsState): RdsState {
  return {
    ...state,
    snapshots: state.snapshots.map((snapshot) =>
      snapshot.status === 'creating' ? { ...snapshot, status: 'failed' as const } : snapshot,
    ),
    clusters: state.clusters
      .filter(({ status }) => status !== 'deleting')
      .map((cluster) =>
        cluster.status === 'creating' ? { ...cluster, status: 'failed' as const } : cluster,
      ),
    instances: state.instances
      .filter(({ status }) => status !== 'deleting')
      .map((instance) =>
        isExternal(state, instance.clusterResourceId)
          ? instance
          : { ...instance, status: 'creating' as const },
      ),
  };
}

function isExternal(state: RdsState, clusterResourceId: string): boolean {
  return state.clusters.some(
    ({ resourceId, storage }) => resourceId === clusterResourceId && storage.kind === 'external',
  );
}

function failedInstance(state: RdsState, identifier: string): RdsState {
  return {
    ...state,
    instances: state.instances.map((one) =>
      one.identifier === identifier ? { ...one, status: 'failed' as const } : one,
    ),
  };
}
