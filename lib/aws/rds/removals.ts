import {
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  paginateDescribeDBClusters,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { ClusterService, RestoredCluster } from '../../ports/cluster-service.ts';
import { serviceError } from '../service-error.ts';
import { toRestoredCluster } from './describe-cluster.ts';
import type { RdsApi } from './rds-api.ts';

type Removals = Pick<ClusterService, 'listClusters' | 'deleteInstance' | 'deleteCluster'>;

/** Takes away what was restored. Without a final snapshot: it came from a snapshot. */
export function removals(client: RDSClient, api: RdsApi): Removals {
  const attempt = async <T>(action: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await api.call(action, send);
    } catch (error) {
      throw serviceError('RDS', action, error);
    }
  };

  return {
    listClusters: () =>
      attempt('list the clusters', async () => {
        const found: RestoredCluster[] = [];
        for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client }, {})) {
          for (const cluster of DBClusters) {
            const name = cluster.DBClusterIdentifier ?? '';
            found.push(toRestoredCluster(cluster, await api.instancesOf(name)));
          }
        }
        return found;
      }),

    async deleteInstance(instanceIdentifier) {
      await attempt(`delete the instance ${instanceIdentifier}`, () =>
        client.send(
          new DeleteDBInstanceCommand({
            DBInstanceIdentifier: instanceIdentifier,
            SkipFinalSnapshot: true,
          }),
        ),
      );
    },

    async deleteCluster(clusterIdentifier) {
      await attempt(`delete the cluster ${clusterIdentifier}`, () =>
        client.send(
          new DeleteDBClusterCommand({
            DBClusterIdentifier: clusterIdentifier,
            SkipFinalSnapshot: true,
          }),
        ),
      );
    },
  };
}
