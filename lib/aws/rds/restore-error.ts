import { type ErrorCode, LockkeeperError } from '../../core/errors.ts';
import { errorMessage, errorName, serviceError } from '../service-error.ts';

/** RDS faults of a restore or a takeover, and what they mean (client-rds, models/errors). */
const CODES: Readonly<Record<string, ErrorCode>> = {
  DBClusterSnapshotNotFoundFault: 'UnknownSnapshot',
  DBSnapshotNotFoundFault: 'UnknownSnapshot',
  InvalidDBClusterSnapshotStateFault: 'RestoreFailed',
  InvalidDBClusterStateFault: 'RestoreFailed',
  InvalidDBInstanceState: 'RestoreFailed',
  InvalidDBInstanceStateFault: 'RestoreFailed',
  InvalidRestoreFault: 'Unsupported',
  InvalidParameterValue: 'Unsupported',
  InvalidParameterCombination: 'Unsupported',
  DBClusterAlreadyExistsFault: 'Conflict',
  DBInstanceAlreadyExists: 'Conflict',
  DBInstanceAlreadyExistsFault: 'Conflict',
  DBClusterQuotaExceededFault: 'RestoreFailed',
  InstanceQuotaExceededFault: 'RestoreFailed',
  InsufficientDBClusterCapacityFault: 'RestoreFailed',
  InsufficientStorageClusterCapacityFault: 'RestoreFailed',
  KMSKeyNotAccessibleFault: 'AccessDenied',
};

export function restoreError(action: string, error: unknown): LockkeeperError {
  const code = CODES[errorName(error)];
  if (code === undefined) return serviceError('RDS', action, error);
  return new LockkeeperError(code, `could not ${action}: ${errorMessage(error)}`, {
    cause: error,
    fix: 'remove the reason, then run the restore again: it goes on where it is',
  });
}

export function taken(what: string, identifier: string, where: string): LockkeeperError {
  return new LockkeeperError('Conflict', `${what} ${identifier} exists already ${where}`, {
    fix: 'rename or delete it, then run the restore again',
  });
}
