import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { LockkeeperError } from '../../core/errors.ts';
import { type EpochMs, epochMs } from '../../core/ids.ts';
import type {
  ClusterDescription,
  InstanceDescription,
  RestoredCluster,
} from '../../ports/cluster-service.ts';
import { fromTagList } from './tags.ts';

/** Everything of a cluster that a snapshot does not carry and a restore must be told. */
export function toClusterDescription(
  cluster: DBCluster,
  instances: readonly DBInstance[],
): ClusterDescription {
  const scaling = cluster.ServerlessV2ScalingConfiguration;
  return {
    clusterIdentifier: required(cluster.DBClusterIdentifier, 'DBClusterIdentifier'),
    clusterArn: required(cluster.DBClusterArn, 'DBClusterArn'),
    status: required(cluster.Status, 'Status'),
    engine: required(cluster.Engine, 'Engine'),
    engineVersion: required(cluster.EngineVersion, 'EngineVersion'),
    port: cluster.Port,
    subnetGroup: cluster.DBSubnetGroup,
    securityGroupIds: (cluster.VpcSecurityGroups ?? []).flatMap(
      ({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [],
    ),
    parameterGroup: cluster.DBClusterParameterGroup,
    kmsKeyId: cluster.KmsKeyId,
    storageType: cluster.StorageType,
    serverlessScaling:
      scaling?.MinCapacity === undefined || scaling.MaxCapacity === undefined
        ? undefined
        : { minCapacity: scaling.MinCapacity, maxCapacity: scaling.MaxCapacity },
    // These are left out of the answer when they are off.
    iamAuthentication: cluster.IAMDatabaseAuthenticationEnabled ?? false,
    deletionProtection: cluster.DeletionProtection ?? false,
    dataApiEnabled: cluster.HttpEndpointEnabled ?? false,
    logExports: cluster.EnabledCloudwatchLogsExports ?? [],
    backupRetentionDays: cluster.BackupRetentionPeriod,
    copyTagsToSnapshot: cluster.CopyTagsToSnapshot ?? false,
    tags: fromTagList(cluster.TagList),
    instances: instances.map((instance) => toInstance(instance, cluster)),
    earliestRestorableTime: toEpoch(cluster.EarliestRestorableTime),
    latestRestorableTime: toEpoch(cluster.LatestRestorableTime),
  };
}

/** How far a restored cluster has come. */
export function toRestoredCluster(
  cluster: DBCluster,
  instances: readonly DBInstance[],
): RestoredCluster {
  return {
    clusterIdentifier: required(cluster.DBClusterIdentifier, 'DBClusterIdentifier'),
    clusterArn: required(cluster.DBClusterArn, 'DBClusterArn'),
    status: required(cluster.Status, 'Status'),
    dataApiEnabled: cluster.HttpEndpointEnabled ?? false,
    deletionProtection: cluster.DeletionProtection ?? false,
    tags: fromTagList(cluster.TagList),
    instances: instances.map((instance) => ({
      instanceIdentifier: required(instance.DBInstanceIdentifier, 'DBInstanceIdentifier'),
      status: required(instance.DBInstanceStatus, 'DBInstanceStatus'),
    })),
  };
}

function toInstance(instance: DBInstance, cluster: DBCluster): InstanceDescription {
  const instanceIdentifier = required(instance.DBInstanceIdentifier, 'DBInstanceIdentifier');
  const member = cluster.DBClusterMembers?.find(
    ({ DBInstanceIdentifier }) => DBInstanceIdentifier === instanceIdentifier,
  );
  return {
    instanceIdentifier,
    instanceClass: required(instance.DBInstanceClass, 'DBInstanceClass'),
    isWriter: member?.IsClusterWriter ?? false,
    publiclyAccessible: instance.PubliclyAccessible ?? false,
  };
}

export function toEpoch(date: Date | undefined): EpochMs | undefined {
  return date === undefined ? undefined : epochMs(date.getTime());
}

/** The model makes every member optional; without these an answer makes no sense. */
export function required<T>(value: T | undefined, member: string): T {
  if (value !== undefined) return value;
  throw new LockkeeperError('Internal', `RDS answered without ${member}`);
}
