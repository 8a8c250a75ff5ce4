import {
  type DBCluster,
  type DBClusterSnapshot,
  type DBInstance,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { Clock } from '../../ports/clock.ts';
import { type Refusal, withPatience } from '../patience.ts';
import { commonFailureOf, errorName, serviceError } from '../service-error.ts';

/** The reads of the RDS API, over all pages, with patience when it throttles. */
export interface RdsApi {
  /** @param action what is being done, for the message, such as `take the snapshot x` */
  call<T>(action: string, send: () => Promise<T>): Promise<T>;
  /** Undefined when there is no such cluster. */
  cluster(identifier: string): Promise<DBCluster | undefined>;
  instancesOf(clusterIdentifier: string): Promise<readonly DBInstance[]>;
  /** Undefined when there is no such snapshot. */
  snapshot(identifier: string): Promise<DBClusterSnapshot | undefined>;
  snapshotsOf(clusterIdentifier: string): Promise<readonly DBClusterSnapshot[]>;
}

/** RDS refuses with `ThrottlingException: Rate exceeded` before it does anything. */
function refusalOf(error: unknown): Refusal {
  return commonFailureOf(error) === 'throttled' ? 'throttled' : undefined;
}

export function rdsApi(client: RDSClient, clock: Clock): RdsApi {
  const call: RdsApi['call'] = async (action, send) => {
    try {
      return await withPatience(clock, refusalOf, send);
    } catch (error) {
      // The faults of the service are told apart by who called; the rest means the same everywhere.
      throw commonFailureOf(error) === undefined ? error : serviceError('RDS', action, error);
    }
  };

  return {
    call,

    async cluster(identifier) {
      const answer = await call(`describe the cluster ${identifier}`, () =>
        unlessNotFound('DBClusterNotFoundFault', () =>
          client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier })),
        ),
      );
      return answer?.DBClusters?.[0];
    },

    async instancesOf(clusterIdentifier) {
      const found: DBInstance[] = [];
      let marker: string | undefined;
      do {
        const page = await call(`list the instances of ${clusterIdentifier}`, () =>
          client.send(
            new DescribeDBInstancesCommand({
              Filters: [{ Name: 'db-cluster-id', Values: [clusterIdentifier] }],
              Marker: marker,
            }),
          ),
        );
        found.push(...(page.DBInstances ?? []));
        marker = page.Marker;
      } while (marker !== undefined);
      return found;
    },

    async snapshot(identifier) {
      const answer = await call(`describe the snapshot ${identifier}`, () =>
        unlessNotFound('DBClusterSnapshotNotFoundFault', () =>
          client.send(
            new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: identifier }),
          ),
        ),
      );
      return answer?.DBClusterSnapshots?.[0];
    },

    async snapshotsOf(clusterIdentifier) {
      const found: DBClusterSnapshot[] = [];
      let marker: string | undefined;
      do {
        const page = await call(`list the snapshots of ${clusterIdentifier}`, () =>
          client.send(
            new DescribeDBClusterSnapshotsCommand({
              DBClusterIdentifier: clusterIdentifier,
              SnapshotType: 'manual',
              Marker: marker,
            }),
          ),
        );
        found.push(...(page.DBClusterSnapshots ?? []));
        marker = page.Marker;
      } while (marker !== undefined);
      return found;
    },
  };
}

async function unlessNotFound<T>(fault: string, send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (errorName(error) === fault) return undefined;
    throw error;
  }
}
