import type { RDSClient } from '@aws-sdk/client-rds';
import { LockkeeperError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterService } from '../../ports/cluster-service.ts';
import { toClusterDescription } from './describe-cluster.ts';
import { rdsApi } from './rds-api.ts';
import { removals } from './removals.ts';
import { restores } from './restores.ts';
import { snapshots } from './snapshots.ts';
import { takeovers } from './takeovers.ts';

/**
 * `ClusterService` over Amazon RDS. The SDK repeats a call that got no answer; that is safe, because
 * whatever is created has a name and an existing one is recognized as ours.
 */
export function rdsClusterService(options: {
  readonly client: RDSClient;
  readonly clock: Clock;
}): ClusterService {
  const api = rdsApi(options.client, options.clock);
  return {
    ...snapshots(options.client, api),
    ...restores(options.client, api),
    ...takeovers(options.client, api),
    ...removals(options.client, api),

    async describeCluster(clusterIdentifier) {
      const cluster = await api.cluster(clusterIdentifier);
      if (cluster === undefined) {
        throw new LockkeeperError('InvalidConfiguration', `no cluster ${clusterIdentifier} here`, {
          fix: 'check the cluster identifier, the account and the region',
        });
      }
      return toClusterDescription(cluster, await api.instancesOf(clusterIdentifier));
    },
  };
}
