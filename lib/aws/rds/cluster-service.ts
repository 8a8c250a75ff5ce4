import {
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  EnableHttpEndpointCommand,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import { LockkeeperError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ClusterService,
  RestoreRequest,
  SnapshotRequest,
  SnapshotState,
} from '../../ports/cluster-service.ts';
import { errorName } from '../service-error.ts';
import { callRds } from './call-rds.ts';
import { toDescription, toRestored, toState, toSummary, toTags } from './describe-cluster.ts';

/** `ClusterService` on Amazon RDS: Aurora clusters and their snapshots. */
export function rdsClusterService(options: {
  readonly client: RDSClient;
  readonly clock: Clock;
}): ClusterService {
  const { client, clock } = options;
  const call = <T>(action: string, run: () => Promise<T>) => callRds(clock, action, run);

  const clusterNamed = async (
    identifier: string,
  ): Promise<{ readonly cluster: DBCluster; readonly instances: readonly DBInstance[] }> => {
    const { DBClusters: [cluster] = [] } = await call(`describe cluster ${identifier}`, () =>
      client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier })),
    );
    if (cluster === undefined) {
      throw new LockkeeperError('TargetUnreachable', `there is no cluster ${identifier}`);
    }
    const { DBInstances: instances = [] } = await call(`describe instances of ${identifier}`, () =>
      client.send(
        new DescribeDBInstancesCommand({
          Filters: [{ Name: 'db-cluster-id', Values: [identifier] }],
        }),
      ),
    );
    return { cluster, instances };
  };

  const snapshotState = async (snapshotIdentifier: string): Promise<SnapshotState> => {
    try {
      const { DBClusterSnapshots: [snapshot] = [] } = await call(
        `describe snapshot ${snapshotIdentifier}`,
        () =>
          client.send(
            new DescribeDBClusterSnapshotsCommand({
              DBClusterSnapshotIdentifier: snapshotIdentifier,
            }),
          ),
      );
      return snapshot === undefined ? { kind: 'absent' } : toState(snapshot);
    } catch (error) {
      if (error instanceof LockkeeperError && error.code === 'UnknownSnapshot') {
        return { kind: 'absent' };
      }
      throw error;
    }
  };

  const restored = async (identifier: string) => {
    const { cluster, instances } = await clusterNamed(identifier);
    return toRestored(cluster, instances);
  };

  return {
    snapshotState,
    restoredCluster: restored,

    async describeCluster(clusterIdentifier) {
      const { cluster, instances } = await clusterNamed(clusterIdentifier);
      return toDescription(cluster, instances);
    },

    async startSnapshot(request) {
      try {
        await call(`take snapshot ${request.snapshotIdentifier}`, () =>
          client.send(
            new CreateDBClusterSnapshotCommand({
              DBClusterIdentifier: request.clusterIdentifier,
              DBClusterSnapshotIdentifier: request.snapshotIdentifier,
              Tags: toTags(request.tags),
            }),
          ),
        );
      } catch (error) {
        if (causeName(error) !== 'DBClusterSnapshotAlreadyExistsFault') throw error;
        await requireOurs(request);
      }
      return snapshotState(request.snapshotIdentifier);
    },

    async listSnapshots(clusterIdentifier) {
      const summaries = [];
      let Marker: string | undefined;
      do {
        const page = await call(`list snapshots of ${clusterIdentifier}`, () =>
          client.send(
            new DescribeDBClusterSnapshotsCommand({
              DBClusterIdentifier: clusterIdentifier,
              SnapshotType: 'manual',
              ...(Marker !== undefined && { Marker }),
            }),
          ),
        );
        summaries.push(...(page.DBClusterSnapshots ?? []).map(toSummary));
        Marker = page.Marker;
      } while (Marker !== undefined);
      return summaries;
    },

    async startRestore(request) {
      try {
        await call(`restore ${request.snapshotIdentifier}`, () =>
          client.send(new RestoreDBClusterFromSnapshotCommand(restoreInput(request))),
        );
      } catch (error) {
        if (causeName(error) !== 'DBClusterAlreadyExistsFault') throw error;
        await requireRestoredFrom(request);
      }
      return restored(request.newClusterIdentifier);
    },

    async createInstance(request) {
      try {
        await call(`create instance ${request.instanceIdentifier}`, () =>
          client.send(
            new CreateDBInstanceCommand({
              DBClusterIdentifier: request.clusterIdentifier,
              DBInstanceIdentifier: request.instanceIdentifier,
              DBInstanceClass: request.instanceClass,
              Engine: request.engine,
              PubliclyAccessible: request.publiclyAccessible,
              Tags: toTags(request.tags),
            }),
          ),
        );
      } catch (error) {
        if (causeName(error) !== 'DBInstanceAlreadyExistsFault') throw error;
      }
    },

    async enableDataApi(clusterArn) {
      await call(`enable the Data API of ${clusterArn}`, () =>
        client.send(new EnableHttpEndpointCommand({ ResourceArn: clusterArn })),
      );
    },
  };

  /** A snapshot of this name that we did not take must not be mistaken for a way back. */
  async function requireOurs(request: SnapshotRequest): Promise<void> {
    const { DBClusterSnapshots: [found] = [] } = await call(
      `describe snapshot ${request.snapshotIdentifier}`,
      () =>
        client.send(
          new DescribeDBClusterSnapshotsCommand({
            DBClusterSnapshotIdentifier: request.snapshotIdentifier,
          }),
        ),
    );
    const summary = found && toSummary(found);
    const sameTags = Object.entries(request.tags).every(
      ([key, value]) => summary?.tags[key] === value,
    );
    if (summary?.clusterIdentifier === request.clusterIdentifier && sameTags) return;
    throw new LockkeeperError(
      'Conflict',
      `a snapshot called ${request.snapshotIdentifier} exists and is not of this execution`,
      { fix: 'delete it if nobody needs it, and resume' },
    );
  }

  async function requireRestoredFrom(request: RestoreRequest): Promise<void> {
    const { cluster, instances } = await clusterNamed(request.newClusterIdentifier);
    const { tags } = toDescription(cluster, instances);
    if (Object.entries(request.tags).every(([key, value]) => tags[key] === value)) return;
    throw new LockkeeperError(
      'Conflict',
      `a cluster called ${request.newClusterIdentifier} exists and was not restored from ${request.snapshotIdentifier}`,
      { fix: 'delete or rename it if nobody needs it' },
    );
  }
}

/**
 * Everything the original had and a restore would otherwise replace by defaults: network,
 * parameters, scaling, authentication, logs (Aurora user guide, "Restoring from a DB cluster
 * snapshot"). Deletion protection is off: the copy is for looking at until somebody decides.
 */
function restoreInput({ configuration, ...request }: RestoreRequest) {
  return {
    DBClusterIdentifier: request.newClusterIdentifier,
    SnapshotIdentifier: request.snapshotIdentifier,
    Engine: configuration.engine,
    EngineVersion: configuration.engineVersion,
    VpcSecurityGroupIds: [...configuration.securityGroupIds],
    EnableIAMDatabaseAuthentication: configuration.iamAuthentication,
    EnableCloudwatchLogsExports: [...configuration.logExports],
    CopyTagsToSnapshot: configuration.copyTagsToSnapshot,
    DeletionProtection: false,
    Tags: toTags(request.tags),
    ...(configuration.port !== undefined && { Port: configuration.port }),
    ...(configuration.subnetGroup !== undefined && {
      DBSubnetGroupName: configuration.subnetGroup,
    }),
    ...(configuration.parameterGroup !== undefined && {
      DBClusterParameterGroupName: configuration.parameterGroup,
    }),
    ...(configuration.kmsKeyId !== undefined && { KmsKeyId: configuration.kmsKeyId }),
    ...(configuration.storageType !== undefined && { StorageType: configuration.storageType }),
    ...(configuration.serverlessScaling !== undefined && {
      ServerlessV2ScalingConfiguration: {
        MinCapacity: configuration.serverlessScaling.minCapacity,
        MaxCapacity: configuration.serverlessScaling.maxCapacity,
      },
    }),
  };
}

function causeName(error: unknown): string {
  return error instanceof LockkeeperError ? errorName(error.cause) : errorName(error);
}
