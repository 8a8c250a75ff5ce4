import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterServers, ServedCluster } from './cluster-servers.ts';
import {
  clusterNotFound,
  instanceNotFound,
  invalidClusterState,
  snapshotNotFound,
} from './errors.ts';
import { identifierOf } from './names.ts';
import type { ClusterRecord, InstanceRecord, RdsState, SnapshotRecord } from './records.ts';
import type { StateFile } from './state-file.ts';

/** What the actions work with. */
export interface RdsService {
  readonly root: string;
  readonly file: StateFile;
  readonly servers: ClusterServers;
  /** Work that goes on after the answer, as on AWS. */
  readonly background: Background;
}

/** Work in progress behind the API. */
export interface Background {
  /** @param what for the message when it fails; `onFailure` puts the failure into the state */
  run(what: string, work: () => Promise<void>, onFailure: () => Promise<void>): void;
  /** Settles when nothing is in progress. */
  settled(): Promise<void>;
}

export function openBackground(onProblem: (message: string) => void): Background {
  const jobs = new Set<Promise<void>>();
  return {
    run: (what, work, onFailure) => {
      const job = work()
        .catch(async (error: Error) => {
          onProblem(`${what} failed: ${error.message}`);
          await onFailure();
        })
        .catch((error: Error) => onProblem(`${what} failed: ${error.message}`))
        .finally(() => jobs.delete(job));
      jobs.add(job);
    },
    settled: async () => {
      while (jobs.size > 0) await Promise.all(jobs);
    },
  };
}

/** @throws AwsError `DBClusterNotFoundFault` */
export function findCluster(state: RdsState, nameOrArn: string): ClusterRecord {
  const identifier = identifierOf(nameOrArn);
  const found = state.clusters.find((cluster) => cluster.identifier === identifier);
  if (found === undefined) throw clusterNotFound(identifier);
  return found;
}

/** @throws AwsError `DBInstanceNotFound` */
export function findInstance(state: RdsState, nameOrArn: string): InstanceRecord {
  const identifier = identifierOf(nameOrArn);
  const found = state.instances.find((instance) => instance.identifier === identifier);
  if (found === undefined) throw instanceNotFound(identifier);
  return found;
}

/** @throws AwsError `DBClusterSnapshotNotFoundFault` */
export function findSnapshot(state: RdsState, nameOrArn: string): SnapshotRecord {
  const identifier = identifierOf(nameOrArn);
  const found = state.snapshots.find((snapshot) => snapshot.identifier === identifier);
  if (found === undefined) throw snapshotNotFound(identifier);
  return found;
}

/** Instances of a cluster, in order of creation. */
export function instancesOf(state: RdsState, cluster: ClusterRecord): readonly InstanceRecord[] {
  return state.instances.filter((instance) => instance.clusterResourceId === cluster.resourceId);
}

/** @throws AwsError `InvalidDBClusterStateFault` */
export function requireAvailable(cluster: ClusterRecord): void {
  if (cluster.status === 'available') return;
  throw invalidClusterState(
    `DBCluster ${cluster.identifier} is in state ${cluster.status}, it must be available.`,
  );
}

/**
 * How to run the cluster's server.
 * @throws AwsError `InvalidDBClusterStateFault` for a database that somebody else runs
 */
export function servedCluster(cluster: ClusterRecord, purpose: string): ServedCluster {
  if (cluster.storage.kind === 'data-directory') {
    const { resourceId, port, storage } = cluster;
    return { resourceId, port, adminPassword: storage.adminPassword };
  }
  throw invalidClusterState(
    `DBCluster ${cluster.identifier} is an external database: the embedded rds does not run it and cannot ${purpose}. Use a cluster of the embedded rds.`,
  );
}

/** Replaces one cluster; nothing happens when it is gone. */
export function changeCluster(
  service: RdsService,
  resourceId: string,
  change: (cluster: ClusterRecord) => ClusterRecord,
): Promise<void> {
  return service.file.change((state) => ({
    ...state,
    clusters: state.clusters.map((cluster) =>
      cluster.resourceId === resourceId ? change(cluster) : cluster,
    ),
  }));
}

/** The directory of a snapshot that is complete. */
export function snapshotDirectory(service: RdsService, identifier: string): string {
  return join(service.root, 'snapshots', identifier);
}

/** Removes a directory and everything in it. */
export async function removeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
