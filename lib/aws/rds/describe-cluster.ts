import type { DBCluster, DBClusterSnapshot, DBInstance, Tag } from '@aws-sdk/client-rds';
import { type EpochMs, epochMs } from '../../core/ids.ts';
import type {
  ClusterDescription,
  InstanceDescription,
  RestoredCluster,
  SnapshotState,
  SnapshotSummary,
} from '../../ports/cluster-service.ts';

/** From what RDS says of a cluster to what a restore must be told again. */
export function toDescription(
  cluster: DBCluster,
  instances: readonly DBInstance[],
): ClusterDescription {
  const scaling = cluster.ServerlessV2ScalingConfiguration;
  return {
    clusterIdentifier: cluster.DBClusterIdentifier ?? '',
    clusterArn: cluster.DBClusterArn ?? '',
    status: cluster.Status ?? 'unknown',
    engine: cluster.Engine ?? '',
    engineVersion: cluster.EngineVersion ?? '',
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
    iamAuthentication: cluster.IAMDatabaseAuthenticationEnabled ?? false,
    deletionProtection: cluster.DeletionProtection ?? false,
    dataApiEnabled: cluster.HttpEndpointEnabled ?? false,
    logExports: cluster.EnabledCloudwatchLogsExports ?? [],
    backupRetentionDays: cluster.BackupRetentionPeriod,
    copyTagsToSnapshot: cluster.CopyTagsToSnapshot ?? false,
    tags: fromTags(cluster.TagList),
    instances: instances.map((instance) => toInstance(instance, cluster)),
    earliestRestorableTime: toEpoch(cluster.EarliestRestorableTime),
    latestRestorableTime: toEpoch(cluster.LatestRestorableTime),
  };
}

function toInstance(instance: DBInstance, cluster: DBCluster): InstanceDescription {
  const instanceIdentifier = instance.DBInstanceIdentifier ?? '';
  const member = cluster.DBClusterMembers?.find(
    ({ DBInstanceIdentifier }) => DBInstanceIdentifier === instanceIdentifier,
  );
  return {
    instanceIdentifier,
    instanceClass: instance.DBInstanceClass ?? '',
    isWriter: member?.IsClusterWriter ?? false,
    publiclyAccessible: instance.PubliclyAccessible ?? false,
  };
}

export function toRestored(cluster: DBCluster, instances: readonly DBInstance[]): RestoredCluster {
  return {
    clusterIdentifier: cluster.DBClusterIdentifier ?? '',
    clusterArn: cluster.DBClusterArn ?? '',
    status: cluster.Status ?? 'unknown',
    dataApiEnabled: cluster.HttpEndpointEnabled ?? false,
    instances: instances.map((instance) => ({
      instanceIdentifier: instance.DBInstanceIdentifier ?? '',
      status: instance.DBInstanceStatus ?? 'unknown',
    })),
  };
}

export function toSummary(snapshot: DBClusterSnapshot): SnapshotSummary {
  return {
    snapshotIdentifier: snapshot.DBClusterSnapshotIdentifier ?? '',
    snapshotArn: snapshot.DBClusterSnapshotArn ?? '',
    clusterIdentifier: snapshot.DBClusterIdentifier ?? '',
    createdAt: toEpoch(snapshot.SnapshotCreateTime) ?? epochMs(0),
    status: snapshot.Status ?? 'unknown',
    percent: snapshot.PercentProgress ?? 0,
    tags: fromTags(snapshot.TagList),
  };
}

/** `creating` and `copying` go on; `available` is there; everything else is an end (RDS waiter). */
export function toState(snapshot: DBClusterSnapshot): SnapshotState {
  const summary = toSummary(snapshot);
  switch (summary.status) {
    case 'available':
      return { kind: 'available', snapshot: summary };
    case 'creating':
    case 'copying':
      return { kind: 'creating', percent: summary.percent };
    default:
      return { kind: 'failed', status: summary.status };
  }
}

export function toTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** `aws:` tags belong to AWS and are refused when they are given back. */
function fromTags(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) =>
      Key === undefined || Key.startsWith('aws:') ? [] : [[Key, Value ?? '']],
    ),
  );
}

function toEpoch(date: Date | undefined): EpochMs | undefined {
  return date === undefined ? undefined : epochMs(date.getTime());
}
