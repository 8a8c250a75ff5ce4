import { AwsError } from '../http/aws-error.ts';

/*
 * RDS's faults. The codes are those on the wire, which the SDK maps to its classes; a few differ
 * from the class name (`DBInstanceNotFound`), as they do on AWS.
 */

export const clusterNotFound = (identifier: string): AwsError =>
  new AwsError('DBClusterNotFoundFault', 404, `DBCluster ${identifier} not found.`);

export const clusterAlreadyExists = (identifier: string): AwsError =>
  new AwsError(
    'DBClusterAlreadyExistsFault',
    400,
    `DB Cluster already exists with identifier ${identifier}`,
  );

export const invalidClusterState = (message: string): AwsError =>
  new AwsError('InvalidDBClusterStateFault', 400, message);

export const instanceNotFound = (identifier: string): AwsError =>
  new AwsError('DBInstanceNotFound', 404, `DBInstance ${identifier} not found.`);

export const instanceAlreadyExists = (identifier: string): AwsError =>
  new AwsError('DBInstanceAlreadyExists', 400, `DB instance already exists: ${identifier}`);

export const invalidInstanceState = (message: string): AwsError =>
  new AwsError('InvalidDBInstanceState', 400, message);

export const snapshotNotFound = (identifier: string): AwsError =>
  new AwsError('DBClusterSnapshotNotFoundFault', 404, `DBClusterSnapshot not found: ${identifier}`);

export const snapshotAlreadyExists = (identifier: string): AwsError =>
  new AwsError(
    'DBClusterSnapshotAlreadyExistsFault',
    400,
    `Cannot create the cluster snapshot because one with the identifier ${identifier} already exists.`,
  );

export const invalidSnapshotState = (message: string): AwsError =>
  new AwsError('InvalidDBClusterSnapshotStateFault', 400, message);

export const snapshotQuotaExceeded = (): AwsError =>
  new AwsError('SnapshotQuotaExceeded', 400, 'Cannot create more than 100 manual snapshots');

export const resourceNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundFault', 404, `The specified resource ${arn} is not found.`);

export const invalidParameterValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValue', 400, message);

export const invalidParameterCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombination', 400, message);

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', 400, `The request must contain the parameter ${name}`);

export const invalidAction = (action: string): AwsError =>
  new AwsError('InvalidAction', 400, `Could not find operation ${action} in the embedded rds`);
