import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { takeBaseBackup } from './base-backup.ts';
import { clusterProperties } from './cluster-properties.ts';
import { newClusterIdentifier } from './clusters.ts';
import { giveToServer } from './copy-data-directory.ts';
import { copySnapshot } from './copy-snapshot.ts';
import {
  invalidClusterState,
  invalidParameterCombination,
  invalidParameterValue,
  invalidSnapshotState,
} from './errors.ts';
import { newResourceId } from './names.ts';
import { findPast, recoverTo } from './point-in-time.ts';
import type { QueryParameters, XmlMembers } from './query-protocol.ts';
import type { ClusterRecord } from './records.ts';
import {
  changeCluster,
  findCluster,
  findSnapshot,
  instancesOf,
  type RdsService,
  removeDirectory,
  requireAvailable,
  servedCluster,
  snapshotDirectory,
} from './service.ts';
import { clusterShape } from './shapes.ts';
import { tagsOf } from './tags.ts';

/**
 * `RestoreDBClusterFromSnapshot`: a new cluster with the data and the passwords of the snapshot;
 * no instance, no Data API, and nothing else that the request does not ask for.
 */
export async function restoreDbClusterFromSnapshot(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  parameters.required('Engine');
  const wanted = parameters.required('SnapshotIdentifier');
  const snapshot = findSnapshot(service.file.current(), wanted);
  if (snapshot.status !== 'available') {
    throw invalidSnapshotState(
      `Snapshot ${snapshot.identifier} is in state ${snapshot.status}, it must be available.`,
    );
  }
  const cluster = await register(service, parameters, snapshot.cluster);
  fill(service, cluster, (target) =>
    copySnapshot(snapshotDirectory(service, snapshot.identifier), target),
  );
  return { DBCluster: clusterShape(service.file.current(), cluster) };
}

/**
 * `RestoreDBClusterToPointInTime`. To the latest restorable time, which is the present: a copy of the
 * running cluster. To a moment: a snapshot of before, and the WAL that the running server has.
 */
export async function restoreDbClusterToPointInTime(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const type = parameters.text('RestoreType') ?? 'full-copy';
  if (type !== 'copy-on-write' && type !== 'full-copy') {
    throw invalidParameterValue(`Invalid RestoreType: ${type}`);
  }
  const at = momentOf(type, parameters);
  const state = service.file.current();
  const source = findCluster(state, parameters.required('SourceDBClusterIdentifier'));
  requireAvailable(source);
  servedCluster(source, 'clone it');
  if (instancesOf(state, source).length === 0) {
    throw invalidClusterState(
      `DBCluster ${source.identifier} has no instance and cannot be cloned.`,
    );
  }
  const base = at && (await findPast(service, source, at));
  const cluster = await register(service, parameters, source);
  fill(service, cluster, async (target) => {
    const hold = await service.servers.hold(servedCluster(source, 'clone it'));
    try {
      if (at !== undefined && base !== undefined) {
        await recoverTo(service, { base, source: hold.server, cluster, target, at });
        return;
      }
      await takeBaseBackup({
        url: hold.server.url(),
        dataDirectory: hold.server.dataDirectory,
        target,
        onProgress: () => undefined,
      });
    } finally {
      await hold.release();
    }
  });
  return { DBCluster: clusterShape(service.file.current(), cluster) };
}

/** @returns undefined for the latest restorable time */
function momentOf(type: string, parameters: QueryParameters): Date | undefined {
  const latest = parameters.flag('UseLatestRestorableTime') === true;
  const time = parameters.text('RestoreToTime');
  if (latest === (time !== undefined)) {
    throw invalidParameterCombination(
      'Specify either RestoreToTime or UseLatestRestorableTime, not both and not neither.',
    );
  }
  if (time === undefined) return undefined;
  if (type === 'copy-on-write') {
    throw invalidParameterCombination(
      'A copy-on-write clone requires UseLatestRestorableTime, and no RestoreToTime.',
    );
  }
  const at = new Date(time);
  if (!Number.isNaN(at.getTime())) return at;
  throw invalidParameterValue(`RestoreToTime ${time} is not a time.`);
}

async function register(
  service: RdsService,
  parameters: QueryParameters,
  source: ClusterRecord,
): Promise<ClusterRecord> {
  const cluster: ClusterRecord = {
    resourceId: newResourceId('cluster'),
    identifier: newClusterIdentifier(service, parameters),
    status: 'creating',
    storage: source.storage,
    masterUsername: source.masterUsername,
    ...(source.databaseName !== undefined && { databaseName: source.databaseName }),
    httpEndpoint: 'disabled',
    deletionProtection: parameters.flag('DeletionProtection') ?? false,
    createdAt: new Date().toISOString(),
    properties: clusterProperties(parameters),
    tags: tagsOf(parameters),
  };
  await service.file.change((state) => ({ ...state, clusters: [...state.clusters, cluster] }));
  return cluster;
}

/** Gives a new cluster its data in the background. */
function fill(
  service: RdsService,
  cluster: ClusterRecord,
  copyTo: (target: string) => Promise<void>,
): void {
  const target = service.servers.dataDirectory(cluster.resourceId);
  const become = (status: 'available' | 'failed'): Promise<void> =>
    changeCluster(service, cluster.resourceId, (record) => ({ ...record, status }));
  service.background.run(
    `restoring the cluster ${cluster.identifier}`,
    async () => {
      await mkdir(dirname(target), { recursive: true });
      await giveToServer(dirname(target), 0o700);
      await copyTo(target);
      await become('available');
    },
    async () => {
      await removeDirectory(dirname(target));
      await become('failed');
    },
  );
}
