import {
  CreateDBInstanceCommand,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { LockkeeperError } from '../../core/errors.ts';
import type { ClusterService, RestoredCluster } from '../../ports/cluster-service.ts';
import { errorName } from '../service-error.ts';
import { toRestoredCluster } from './describe-cluster.ts';
import type { RdsApi } from './rds-api.ts';
import { restoreError, taken } from './restore-error.ts';
import { instanceInput, pointInTimeInput, restoreInput } from './restore-inputs.ts';
import { carries, fromTagList } from './tags.ts';

type Restores = Pick<
  ClusterService,
  | 'startRestore'
  | 'startRestoreToTime'
  | 'restoredCluster'
  | 'findCluster'
  | 'createInstance'
  | 'enableDataApi'
  | 'disableDataApi'
>;

/** Restores into a new cluster, never in place: RDS has no other way. Idempotent by name. */
export function restores(client: RDSClient, api: RdsApi): Restores {
  const findCluster = async (clusterIdentifier: string): Promise<RestoredCluster | undefined> => {
    const cluster = await api.cluster(clusterIdentifier);
    return cluster && toRestoredCluster(cluster, await api.instancesOf(clusterIdentifier));
  };

  const restoredCluster = async (clusterIdentifier: string): Promise<RestoredCluster> => {
    const cluster = await findCluster(clusterIdentifier);
    if (cluster !== undefined) return cluster;
    throw new LockkeeperError('RestoreFailed', `the cluster ${clusterIdentifier} is not there`, {
      fix: 'run the restore again',
    });
  };

  /** Makes a cluster, or recognizes the one that an earlier call made. */
  const makeCluster = async (
    action: string,
    request: {
      readonly newClusterIdentifier: string;
      readonly tags: Readonly<Record<string, string>>;
    },
    send: () => Promise<unknown>,
  ): Promise<RestoredCluster> => {
    try {
      await api.call(action, send);
    } catch (error) {
      if (errorName(error) !== 'DBClusterAlreadyExistsFault') {
        throw restoreError(`${action} to ${request.newClusterIdentifier}`, error);
      }
      const existing = await api.cluster(request.newClusterIdentifier);
      if (existing === undefined || !carries(fromTagList(existing.TagList), request.tags)) {
        throw taken('a cluster', request.newClusterIdentifier, 'and was not restored by us');
      }
    }
    return restoredCluster(request.newClusterIdentifier);
  };

  const turnDataApi = async (clusterArn: string, on: boolean): Promise<void> => {
    const action = `turn ${on ? 'on' : 'off'} the Data API of ${clusterArn}`;
    const input = { ResourceArn: clusterArn };
    const send = async (): Promise<unknown> =>
      on
        ? client.send(new EnableHttpEndpointCommand(input))
        : client.send(new DisableHttpEndpointCommand(input));
    try {
      await api.call(action, send);
    } catch (error) {
      throw restoreError(action, error);
    }
  };

  return {
    findCluster,
    restoredCluster,

    startRestore: async (request) =>
      makeCluster(`restore ${request.snapshotIdentifier}`, request, () =>
        client.send(new RestoreDBClusterFromSnapshotCommand(restoreInput(request))),
      ),

    startRestoreToTime: async (request) =>
      makeCluster(`restore ${request.sourceClusterIdentifier} to a point in time`, request, () =>
        client.send(new RestoreDBClusterToPointInTimeCommand(pointInTimeInput(request))),
      ),

    async createInstance(request) {
      const { clusterIdentifier, instanceIdentifier } = request;
      try {
        await api.call(`create the instance ${instanceIdentifier}`, () =>
          client.send(new CreateDBInstanceCommand(instanceInput(request))),
        );
      } catch (error) {
        // The class is DBInstanceAlreadyExistsFault, its code on the wire lacks the end.
        if (!/^DBInstanceAlreadyExists(Fault)?$/.test(errorName(error))) {
          throw restoreError(`create the instance ${instanceIdentifier}`, error);
        }
        const mine = await api.instancesOf(clusterIdentifier);
        if (mine.some((one) => one.DBInstanceIdentifier === instanceIdentifier)) return;
        throw taken('an instance', instanceIdentifier, 'in another cluster');
      }
    },

    enableDataApi: (clusterArn) => turnDataApi(clusterArn, true),
    disableDataApi: (clusterArn) => turnDataApi(clusterArn, false),
  };
}
