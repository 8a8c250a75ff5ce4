import {
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { LockkeeperError } from '../../core/errors.ts';
import type {
  ClusterService,
  SnapshotRequest,
  SnapshotState,
  SnapshotSummary,
} from '../../ports/cluster-service.ts';
import { errorMessage, errorName, serviceError } from '../service-error.ts';
import { required, toEpoch } from './describe-cluster.ts';
import type { RdsApi } from './rds-api.ts';
import { carries, fromTagList, toTagList } from './tags.ts';

type Snapshots = Pick<ClusterService, 'startSnapshot' | 'snapshotState' | 'listSnapshots'>;

/** States in which a snapshot is on its way (Aurora user guide, "Monitoring DB cluster snapshots"). */
const ON_ITS_WAY = new Set(['creating', 'copying']);

/** Cluster snapshots, idempotent by name. */
export function snapshots(client: RDSClient, api: RdsApi): Snapshots {
  return {
    async startSnapshot(request) {
      const { clusterIdentifier, snapshotIdentifier } = request;
      try {
        const answer = await api.call(`take the snapshot ${snapshotIdentifier}`, () =>
          client.send(
            new CreateDBClusterSnapshotCommand({
              DBClusterIdentifier: clusterIdentifier,
              DBClusterSnapshotIdentifier: snapshotIdentifier,
              Tags: toTagList(request.tags),
            }),
          ),
        );
        return toState(required(answer.DBClusterSnapshot, 'DBClusterSnapshot'));
      } catch (error) {
        if (errorName(error) !== 'DBClusterSnapshotAlreadyExistsFault') {
          throw snapshotError(request, error);
        }
      }
      // A call of ours whose answer was lost, or an earlier attempt of the same step.
      const existing = await api.snapshot(snapshotIdentifier);
      if (existing === undefined) return { kind: 'absent' };
      assertOurs(existing, request);
      return toState(existing);
    },

    async snapshotState(snapshotIdentifier) {
      const snapshot = await api.snapshot(snapshotIdentifier);
      return snapshot === undefined ? { kind: 'absent' } : toState(snapshot);
    },

    async listSnapshots(clusterIdentifier) {
      return (await api.snapshotsOf(clusterIdentifier)).map(toSummary);
    },
  };
}

function toState(snapshot: DBClusterSnapshot): SnapshotState {
  const status = required(snapshot.Status, 'Status');
  if (status === 'available') return { kind: 'available', snapshot: toSummary(snapshot) };
  if (ON_ITS_WAY.has(status)) return { kind: 'creating', percent: snapshot.PercentProgress ?? 0 };
  return { kind: 'failed', status };
}

function toSummary(snapshot: DBClusterSnapshot): SnapshotSummary {
  return {
    snapshotIdentifier: required(
      snapshot.DBClusterSnapshotIdentifier,
      'DBClusterSnapshotIdentifier',
    ),
    snapshotArn: required(snapshot.DBClusterSnapshotArn, 'DBClusterSnapshotArn'),
    clusterIdentifier: required(snapshot.DBClusterIdentifier, 'DBClusterIdentifier'),
    createdAt: required(toEpoch(snapshot.SnapshotCreateTime), 'SnapshotCreateTime'),
    status: required(snapshot.Status, 'Status'),
    percent: snapshot.PercentProgress ?? 0,
    tags: fromTagList(snapshot.TagList),
  };
}

/** A snapshot of another cluster, or of another execution, would restore something else. */
function assertOurs(existing: DBClusterSnapshot, request: SnapshotRequest): void {
  const sameCluster =
    existing.DBClusterIdentifier?.toLowerCase() === request.clusterIdentifier.toLowerCase();
  if (sameCluster && carries(fromTagList(existing.TagList), request.tags)) return;
  throw new LockkeeperError(
    'Conflict',
    `a snapshot ${request.snapshotIdentifier} exists already, of cluster ${existing.DBClusterIdentifier} and not ours`,
    { fix: 'delete or rename that snapshot, then resume the execution' },
  );
}

function snapshotError(request: SnapshotRequest, error: unknown): LockkeeperError {
  const { clusterIdentifier, snapshotIdentifier } = request;
  const message = errorMessage(error);
  switch (errorName(error)) {
    case 'SnapshotQuotaExceeded':
    case 'SnapshotQuotaExceededFault':
      return new LockkeeperError(
        'SnapshotFailed',
        `no room for ${snapshotIdentifier}: ${message}`,
        {
          cause: error,
          fix: 'delete old manual snapshots or raise the quota, then resume the execution',
        },
      );
    case 'InvalidDBClusterStateFault':
      // The embedded RDS says this of a database it does not run.
      if (/external database/.test(message)) {
        return new LockkeeperError('SnapshotsUnsupported', message, {
          cause: error,
          fix: 'take backups of that database yourself and allow migrations without snapshots',
        });
      }
      return new LockkeeperError(
        'SnapshotFailed',
        `cluster ${clusterIdentifier} cannot be snapshotted now: ${message}`,
        { cause: error, fix: 'wait until the cluster is available, then resume the execution' },
      );
    case 'DBClusterNotFoundFault':
      return new LockkeeperError('InvalidConfiguration', `no cluster ${clusterIdentifier} here`, {
        cause: error,
        fix: 'check the cluster identifier, the account and the region',
      });
    default:
      return serviceError('RDS', `take the snapshot ${snapshotIdentifier}`, error);
  }
}
