import type {
  AddTagsToResourceCommandInput,
  CreateDBInstanceCommandInput,
  ModifyDBClusterCommandInput,
  ModifyDBInstanceCommandInput,
  RestoreDBClusterFromSnapshotCommandInput,
  RestoreDBClusterToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import type {
  ClusterDescription,
  InstanceRequest,
  PointInTimeRequest,
  RestoreRequest,
} from '../../ports/cluster-service.ts';
import { toTagList } from './tags.ts';

/**
 * The parameters of every call that a restore makes, without the calls: what `restore --dry-run`
 * prints is what is sent.
 */

/**
 * Whatever is not given here becomes a default of the account: its security group, its parameter
 * group, no logs. So everything captured is given, but for deletion protection: the copy is for
 * looking at until it takes over.
 */
export function restoreInput(request: RestoreRequest): RestoreDBClusterFromSnapshotCommandInput {
  const { configuration } = request;
  return {
    SnapshotIdentifier: request.snapshotIdentifier,
    DBClusterIdentifier: request.newClusterIdentifier,
    Engine: configuration.engine,
    EngineVersion: configuration.engineVersion,
    ...settingsOf(configuration),
    Tags: toTagList(request.tags),
  };
}

/** A restore to a time has the engine and its version of the source, and takes neither. */
export function pointInTimeInput(
  request: PointInTimeRequest,
): RestoreDBClusterToPointInTimeCommandInput {
  return {
    SourceDBClusterIdentifier: request.sourceClusterIdentifier,
    DBClusterIdentifier: request.newClusterIdentifier,
    ...(request.at === undefined
      ? { UseLatestRestorableTime: true }
      : { RestoreToTime: new Date(request.at) }),
    ...settingsOf(request.configuration),
    Tags: toTagList(request.tags),
  };
}

export function instanceInput(request: InstanceRequest): CreateDBInstanceCommandInput {
  return {
    DBClusterIdentifier: request.clusterIdentifier,
    DBInstanceIdentifier: request.instanceIdentifier,
    DBInstanceClass: request.instanceClass,
    Engine: request.engine,
    PubliclyAccessible: request.publiclyAccessible,
    Tags: toTagList(request.tags),
  };
}

export function renameClusterInput(from: string, to: string): ModifyDBClusterCommandInput {
  return { DBClusterIdentifier: from, NewDBClusterIdentifier: to, ApplyImmediately: true };
}

export function renameInstanceInput(from: string, to: string): ModifyDBInstanceCommandInput {
  return { DBInstanceIdentifier: from, NewDBInstanceIdentifier: to, ApplyImmediately: true };
}

export function protectInput(clusterIdentifier: string): ModifyDBClusterCommandInput {
  return {
    DBClusterIdentifier: clusterIdentifier,
    DeletionProtection: true,
    ApplyImmediately: true,
  };
}

export function tagInput(
  clusterArn: string,
  tags: Readonly<Record<string, string>>,
): AddTagsToResourceCommandInput {
  return { ResourceName: clusterArn, Tags: toTagList(tags) };
}

function settingsOf(configuration: ClusterDescription) {
  return {
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
  };
}
