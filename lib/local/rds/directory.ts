import type { ClusterDirectory, ClusterResolution } from '../rds-data/cluster-directory.ts';
import { clusterArn } from './names.ts';
import { instancesOf, type RdsService } from './service.ts';

/**
 * Lets the Data API find the clusters. A secret belongs to no cluster: whatever user and password
 * it holds is tried, so the secret of the original opens a restored cluster, unless it was rotated.
 */
export function clusterDirectory(service: RdsService): ClusterDirectory {
  return {
    resolve: async (resourceArn, secretArn): Promise<ClusterResolution> => {
      const state = service.file.current();
      const cluster = state.clusters.find(
        ({ identifier }) => clusterArn(identifier) === resourceArn,
      );
      if (cluster === undefined) return { kind: 'unknown-cluster' };
      if (cluster.httpEndpoint !== 'enabled') return { kind: 'endpoint-disabled' };
      const ready = instancesOf(state, cluster).some(({ status }) => status === 'available');
      if (!ready) return { kind: 'no-instance' };
      const secret = state.secrets[secretArn];
      if (secret === undefined) return { kind: 'unknown-secret' };
      const base =
        cluster.storage.kind === 'external'
          ? cluster.storage.url
          : service.servers.running(cluster.resourceId)?.url();
      if (base === undefined) return { kind: 'unavailable' };
      const url = new URL(base);
      url.username = encodeURIComponent(secret.username);
      url.password = encodeURIComponent(secret.password);
      return { kind: 'ready', serverUrl: url.href };
    },
  };
}
