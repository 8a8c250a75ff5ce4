import type { Hold } from './cluster-servers.ts';
import type { InstanceRecord } from './records.ts';
import { changeCluster, type RdsService, servedCluster } from './service.ts';

/** Which instance keeps which server running. */
export interface InstanceHolds {
  /** Starts the instance's server and marks the instance available. */
  start(instance: InstanceRecord): Promise<void>;
  stop(instance: InstanceRecord): Promise<void>;
}

export function openInstanceHolds(service: RdsService): InstanceHolds {
  const holds = new Map<string, Hold>();
  return {
    start: async (instance) => {
      const state = service.file.current();
      const cluster = state.clusters.find((one) => one.resourceId === instance.clusterResourceId);
      if (cluster === undefined || cluster.storage.kind === 'external') return;
      const hold = await service.servers.hold(servedCluster(cluster, 'start it'));
      holds.set(instance.resourceId, hold);
      const { port } = hold.server;
      await changeCluster(service, cluster.resourceId, (record) => ({ ...record, port }));
      await service.file.change((current) => ({
        ...current,
        instances: current.instances.map((one) =>
          one.resourceId === instance.resourceId ? { ...one, status: 'available' } : one,
        ),
      }));
    },
    stop: async (instance) => {
      await holds.get(instance.resourceId)?.release();
      holds.delete(instance.resourceId);
    },
  };
}
