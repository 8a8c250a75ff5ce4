import { invalidParameterValue } from './errors.ts';
import type { QueryParameters } from './query-protocol.ts';
import type { ClusterProperties } from './records.ts';
import { ENGINE } from './shapes.ts';

/** Major version of the PostgreSQL that is embedded. */
export const ENGINE_VERSION = '18';

/**
 * Reads the properties of a new cluster. What a request leaves out becomes the default, never the
 * value of the cluster a restore comes from: RDS does the same, and it surprises people.
 * @throws AwsError `InvalidParameterValue` for another engine or another major version
 */
export function clusterProperties(parameters: QueryParameters): ClusterProperties {
  const engine = parameters.text('Engine') ?? ENGINE;
  if (engine !== ENGINE) throw invalidParameterValue(`Invalid DB engine: ${engine}`);
  const engineVersion = parameters.text('EngineVersion') ?? ENGINE_VERSION;
  if (engineVersion.split('.')[0] !== ENGINE_VERSION) {
    throw invalidParameterValue(
      `Cannot find version ${engineVersion} for ${ENGINE}: the embedded rds runs PostgreSQL ${ENGINE_VERSION}`,
    );
  }
  const kmsKeyId = parameters.text('KmsKeyId');
  const storageType = parameters.text('StorageType');
  const minCapacity = parameters.number('ServerlessV2ScalingConfiguration.MinCapacity');
  const maxCapacity = parameters.number('ServerlessV2ScalingConfiguration.MaxCapacity');
  const groups = parameters.texts('VpcSecurityGroupIds.VpcSecurityGroupId');
  return {
    engineVersion,
    subnetGroup: parameters.text('DBSubnetGroupName') ?? 'default',
    securityGroups: groups.length > 0 ? groups : ['sg-default'],
    parameterGroup:
      parameters.text('DBClusterParameterGroupName') ?? `default.${ENGINE}${ENGINE_VERSION}`,
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    ...(storageType !== undefined && { storageType }),
    storageEncrypted: parameters.flag('StorageEncrypted') ?? kmsKeyId !== undefined,
    backupRetentionDays: parameters.number('BackupRetentionPeriod') ?? 1,
    iamAuthentication: parameters.flag('EnableIAMDatabaseAuthentication') ?? false,
    copyTagsToSnapshot: parameters.flag('CopyTagsToSnapshot') ?? false,
    logExports: parameters.texts('EnableCloudwatchLogsExports.member'),
    ...(minCapacity !== undefined &&
      maxCapacity !== undefined && { serverless: { minCapacity, maxCapacity } }),
  };
}
