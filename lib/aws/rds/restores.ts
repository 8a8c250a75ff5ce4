import {
  CreateDBInstanceCommand,
  EnableHttpEndpointCommand,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  type RestoreDBClusterFromSnapshotCommandInput,
} from '@aws-sdk/client-rds';
import { type ErrorCode, LockkeeperError } from '../../core/errors.ts';
import type {
  ClusterService,
  RestoredCluster,
  RestoreRequest,
} from '../../ports/cluster-service.ts';
import { errorMessage, errorName, serviceError } from '../service-error.ts';
import { toRestoredCluster } from './describe-cluster.ts';
import type { RdsApi } from './rds-api.ts';
import { carries, fromTagList, toTagList } from './tags.ts';

type Restores = Pick<
  ClusterService,
  'startRestore' | 'restoredCluster' | 'createInstance' | 'enableDataApi'
>;

/** Restores into a new cluster, never in place: RDS has no other way. Idempotent by name. */
export function restores(client: RDSClient, api: RdsApi): Restores {
  const restoredCluster = async (clusterIdentifier: string): Promise<RestoredCluster> => {
    const cluster = await api.cluster(clusterIdentifier);
    if (cluster === undefined) {
      throw new LockkeeperError('RestoreFailed', `the cluster ${clusterIdentifier} is not there`, {
        fix: 'run the restore again',
      });
    }
    return toRestoredCluster(cluster, await api.instancesOf(clusterIdentifier));
  };

  return {
    restoredCluster,

    async startRestore(request) {
      const { newClusterIdentifier, snapshotIdentifier } = request;
      try {
        await api.call(`restore ${snapshotIdentifier}`, () =>
          client.send(new RestoreDBClusterFromSnapshotCommand(restoreInput(request))),
        );
      } catch (error) {
        if (errorName(error) !== 'DBClusterAlreadyExistsFault') {
          throw restoreError(`restore ${snapshotIdentifier} to ${newClusterIdentifier}`, error);
        }
        await assertOurs(request);
      }
      return restoredCluster(newClusterIdentifier);
    },

    async createInstance(request) {
      const { clusterIdentifier, instanceIdentifier } = request;
      try {
        await api.call(`create the instance ${instanceIdentifier}`, () =>
          client.send(
            new CreateDBInstanceCommand({
              DBClusterIdentifier: clusterIdentifier,
              DBInstanceIdentifier: instanceIdentifier,
              DBInstanceClass: request.instanceClass,
              Engine: request.engine,
              PubliclyAccessible: request.publiclyAccessible,
              Tags: toTagList(request.tags),
            }),
          ),
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

    async enableDataApi(clusterArn) {
      try {
        await api.call(`turn on the Data API of ${clusterArn}`, () =>
          client.send(new EnableHttpEndpointCommand({ ResourceArn: clusterArn })),
        );
      } catch (error) {
        throw restoreError(`turn on the Data API of ${clusterArn}`, error);
      }
    },
  };

  async function assertOurs(request: RestoreRequest): Promise<void> {
    const existing = await api.cluster(request.newClusterIdentifier);
    if (existing !== undefined && carries(fromTagList(existing.TagList), request.tags)) return;
    throw taken('a cluster', request.newClusterIdentifier, 'and was not restored by us');
  }
}

/**
 * Whatever is not given here becomes a default of the account: its security group, its parameter
 * group, no logs. So everything captured is given, but for deletion protection: the copy is for
 * looking at until somebody decides, and whoever takes it into production turns that on.
 */
function restoreInput(request: RestoreRequest): RestoreDBClusterFromSnapshotCommandInput {
  const { configuration } = request;
  return {
    SnapshotIdentifier: request.snapshotIdentifier,
    DBClusterIdentifier: request.newClusterIdentifier,
    Engine: configuration.engine,
    EngineVersion: configuration.engineVersion,
    Port: configuration.port,
    DBSubnetGroupName: configuration.subnetGroup,
    VpcSecurityGroupIds: [...configuration.securityGroupIds],
    DBClusterParameterGroupName: configuration.parameterGroup,
    KmsKeyId: configuration.kmsKeyId,
    StorageType: configuration.storageType,
    ...(configuration.serverlessScaling && {
      ServerlessV2ScalingConfiguration: {
        MinCapacity: configuration.serverlessScaling.minCapacity,
        MaxCapacity: configuration.serverlessScaling.maxCapacity,
      },
    }),
    EnableIAMDatabaseAuthentication: configuration.iamAuthentication,
    EnableCloudwatchLogsExports: [...configuration.logExports],
    DeletionProtection: false,
    BackupRetentionPeriod: configuration.backupRetentionDays,
    CopyTagsToSnapshot: configuration.copyTagsToSnapshot,
    Tags: toTagList(request.tags),
  };
}

function taken(what: string, identifier: string, where: string): LockkeeperError {
  return new LockkeeperError('Conflict', `${what} ${identifier} exists already ${where}`, {
    fix: 'rename or delete it, then run the restore again',
  });
}

/** RDS faults of a restore and what they mean (client-rds, models/errors). */
const CODES: Readonly<Record<string, ErrorCode>> = {
  DBClusterSnapshotNotFoundFault: 'UnknownSnapshot',
  DBSnapshotNotFoundFault: 'UnknownSnapshot',
  InvalidDBClusterSnapshotStateFault: 'RestoreFailed',
  InvalidDBClusterStateFault: 'RestoreFailed',
  DBClusterQuotaExceededFault: 'RestoreFailed',
  InstanceQuotaExceededFault: 'RestoreFailed',
  InsufficientDBClusterCapacityFault: 'RestoreFailed',
  InsufficientStorageClusterCapacityFault: 'RestoreFailed',
  KMSKeyNotAccessibleFault: 'AccessDenied',
};

function restoreError(action: string, error: unknown): LockkeeperError {
  const code = CODES[errorName(error)];
  if (code === undefined) return serviceError('RDS', action, error);
  return new LockkeeperError(code, `could not ${action}: ${errorMessage(error)}`, {
    cause: error,
    fix: 'remove the reason, then run the restore again: it goes on where it is',
  });
}
