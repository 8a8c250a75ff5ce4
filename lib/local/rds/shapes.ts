import { clusterArn, instanceArn, snapshotArn } from './names.ts';
import { type XmlList, type XmlMembers, xmlList } from './query-protocol.ts';
import type { ClusterRecord, InstanceRecord, RdsState, SnapshotRecord, Tag } from './records.ts';
import { instancesOf } from './service.ts';

/** Everything runs on this machine. */
const HOST = '127.0.0.1';
const DEFAULT_PORT = 5432;
export const ENGINE = 'aurora-postgresql';

/** `DBCluster` of the RDS API. */
export function clusterShape(state: RdsState, cluster: ClusterRecord): XmlMembers {
  const { properties } = cluster;
  const { serverless } = properties;
  const external = cluster.storage.kind === 'external' ? new URL(cluster.storage.url) : undefined;
  return {
    DBClusterIdentifier: cluster.identifier,
    DBClusterArn: clusterArn(cluster.identifier),
    DbClusterResourceId: cluster.resourceId,
    Status: cluster.status,
    Engine: ENGINE,
    EngineMode: 'provisioned',
    EngineVersion: properties.engineVersion,
    Endpoint: external?.hostname ?? HOST,
    ReaderEndpoint: external?.hostname ?? HOST,
    Port: external ? Number(external.port || DEFAULT_PORT) : (cluster.port ?? DEFAULT_PORT),
    MasterUsername: cluster.masterUsername,
    MasterUserSecret:
      cluster.managedSecretArn === undefined
        ? undefined
        : { SecretArn: cluster.managedSecretArn, SecretStatus: 'active' },
    DatabaseName: cluster.databaseName,
    ClusterCreateTime: cluster.createdAt,
    EarliestRestorableTime: earliestRestorable(state, cluster),
    LatestRestorableTime: new Date().toISOString(),
    HttpEndpointEnabled: cluster.httpEndpoint !== 'disabled',
    DeletionProtection: cluster.deletionProtection,
    MultiAZ: false,
    DBClusterMembers: xmlList(
      'DBClusterMember',
      instancesOf(state, cluster).map((instance) => ({
        DBInstanceIdentifier: instance.identifier,
        IsClusterWriter: true,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: 1,
      })),
    ),
    DBSubnetGroup: properties.subnetGroup,
    VpcSecurityGroups: xmlList(
      'VpcSecurityGroupMembership',
      properties.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    ),
    DBClusterParameterGroup: properties.parameterGroup,
    KmsKeyId: properties.kmsKeyId,
    StorageEncrypted: properties.storageEncrypted,
    StorageType: properties.storageType,
    BackupRetentionPeriod: properties.backupRetentionDays,
    IAMDatabaseAuthenticationEnabled: properties.iamAuthentication,
    CopyTagsToSnapshot: properties.copyTagsToSnapshot,
    EnabledCloudwatchLogsExports: xmlList('member', properties.logExports),
    ServerlessV2ScalingConfiguration: serverless && {
      MinCapacity: serverless.minCapacity,
      MaxCapacity: serverless.maxCapacity,
    },
    TagList: tagList(cluster.tags),
  };
}

/** The past begins with the first snapshot here, and with the cluster on AWS. */
function earliestRestorable(state: RdsState, { resourceId }: ClusterRecord): string {
  const first = state.snapshots
    .filter(({ status, cluster }) => status === 'available' && cluster.resourceId === resourceId)
    .map(({ createdAt }) => createdAt)
    .sort()[0];
  return first ?? new Date().toISOString();
}

/** `DBInstance` of the RDS API. */
export function instanceShape(state: RdsState, instance: InstanceRecord): XmlMembers {
  const cluster = state.clusters.find(
    ({ resourceId }) => resourceId === instance.clusterResourceId,
  );
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: instanceArn(instance.identifier),
    DbiResourceId: instance.resourceId,
    DBInstanceClass: instance.instanceClass,
    DBInstanceStatus: instance.status,
    Engine: ENGINE,
    EngineVersion: cluster?.properties.engineVersion,
    DBClusterIdentifier: cluster?.identifier,
    MasterUsername: cluster?.masterUsername,
    DBName: cluster?.databaseName,
    Endpoint: cluster?.port === undefined ? undefined : { Address: HOST, Port: cluster.port },
    InstanceCreateTime: instance.createdAt,
    PubliclyAccessible: false,
    TagList: tagList(instance.tags),
  };
}

/** `DBClusterSnapshot` of the RDS API. */
export function snapshotShape(snapshot: SnapshotRecord): XmlMembers {
  const { cluster } = snapshot;
  return {
    DBClusterSnapshotIdentifier: snapshot.identifier,
    DBClusterSnapshotArn: snapshotArn(snapshot.identifier),
    DBClusterIdentifier: cluster.identifier,
    DbClusterResourceId: cluster.resourceId,
    Status: snapshot.status,
    PercentProgress: snapshot.percent,
    SnapshotType: 'manual',
    SnapshotCreateTime: snapshot.createdAt,
    ClusterCreateTime: cluster.createdAt,
    Engine: ENGINE,
    EngineMode: 'provisioned',
    EngineVersion: cluster.properties.engineVersion,
    MasterUsername: cluster.masterUsername,
    StorageEncrypted: cluster.properties.storageEncrypted,
    KmsKeyId: cluster.properties.kmsKeyId,
    Port: cluster.port ?? DEFAULT_PORT,
    TagList: tagList(snapshot.tags),
  };
}

/** `TagList` of the RDS API. */
export function tagList(tags: readonly Tag[]): XmlList {
  return xmlList(
    'Tag',
    tags.map(({ key, value }) => ({ Key: key, Value: value })),
  );
}
