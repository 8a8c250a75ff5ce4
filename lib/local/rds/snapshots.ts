import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { takeBaseBackup } from './base-backup.ts';
import { giveToServer } from './copy-data-directory.ts';
import { invalidSnapshotState, snapshotAlreadyExists, snapshotQuotaExceeded } from './errors.ts';
import { checkIdentifier } from './names.ts';
import { filterValues, pageOf } from './pages.ts';
import { type QueryParameters, type XmlMembers, xmlList } from './query-protocol.ts';
import type { ClusterRecord, SnapshotRecord, Tag } from './records.ts';
import {
  findCluster,
  findSnapshot,
  type RdsService,
  removeDirectory,
  requireAvailable,
  servedCluster,
  snapshotDirectory,
} from './service.ts';
import { snapshotShape } from './shapes.ts';
import { tagsOf } from './tags.ts';

/** AWS's quota of manual cluster snapshots in a region. */
const QUOTA = 100;

/** `CreateDBClusterSnapshot`: answers at once with `creating`; poll until `available`. */
export async function createDbClusterSnapshot(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const wanted = parameters.required('DBClusterSnapshotIdentifier');
  const state = service.file.current();
  const cluster = findCluster(state, parameters.required('DBClusterIdentifier'));
  requireAvailable(cluster);
  const inherited = cluster.properties.copyTagsToSnapshot ? cluster.tags : [];
  const tags = [...inherited, ...tagsOf(parameters)];
  const snapshot = await register(service, cluster, wanted, tags);
  take(service, snapshot);
  return { DBClusterSnapshot: snapshotShape(snapshot) };
}

/** The snapshot a deleted cluster leaves behind; the deletion waits for it. */
export async function createFinalSnapshot(
  service: RdsService,
  cluster: ClusterRecord,
  identifier: string,
): Promise<void> {
  take(service, await register(service, cluster, identifier, cluster.tags));
}

/** `DescribeDBClusterSnapshots`. @throws AwsError `DBClusterSnapshotNotFoundFault` for a named one */
export async function describeDbClusterSnapshots(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const state = service.file.current();
  const name = parameters.text('DBClusterSnapshotIdentifier');
  const cluster = parameters.text('DBClusterIdentifier')?.toLowerCase();
  const known = ['db-cluster-id', 'db-cluster-snapshot-id', 'snapshot-type', 'engine'];
  const clusters = filterValues(parameters, 'db-cluster-id', known);
  const snapshots = filterValues(parameters, 'db-cluster-snapshot-id', known);
  const found = (name === undefined ? state.snapshots : [findSnapshot(state, name)])
    .filter((snapshot) => cluster === undefined || snapshot.cluster.identifier === cluster)
    .filter((snapshot) => clusters?.includes(snapshot.cluster.identifier) ?? true)
    .filter((snapshot) => snapshots?.includes(snapshot.identifier) ?? true);
  const page = pageOf(found, parameters);
  return {
    DBClusterSnapshots: xmlList('DBClusterSnapshot', page.items.map(snapshotShape)),
    Marker: page.marker,
  };
}

/** `DeleteDBClusterSnapshot`: only one that is available, or failed. */
export async function deleteDbClusterSnapshot(
  service: RdsService,
  parameters: QueryParameters,
): Promise<XmlMembers> {
  const snapshot = findSnapshot(
    service.file.current(),
    parameters.required('DBClusterSnapshotIdentifier'),
  );
  if (snapshot.status === 'creating') {
    throw invalidSnapshotState(
      `Cannot delete the snapshot ${snapshot.identifier} because it is not currently in the available or failed state.`,
    );
  }
  await service.file.change((state) => ({
    ...state,
    snapshots: state.snapshots.filter(({ identifier }) => identifier !== snapshot.identifier),
  }));
  await removeDirectory(snapshotDirectory(service, snapshot.identifier));
  return { DBClusterSnapshot: { ...snapshotShape(snapshot), Status: 'deleted' } };
}

async function register(
  service: RdsService,
  cluster: ClusterRecord,
  wanted: string,
  tags: readonly Tag[],
): Promise<SnapshotRecord> {
  const identifier = checkIdentifier('DBClusterSnapshotIdentifier', wanted, 63);
  const { snapshots } = service.file.current();
  if (snapshots.some((one) => one.identifier === identifier)) {
    throw snapshotAlreadyExists(identifier);
  }
  servedCluster(cluster, 'take a snapshot of it');
  if (snapshots.length >= QUOTA) throw snapshotQuotaExceeded();
  const createdAt = new Date().toISOString();
  const snapshot: SnapshotRecord = {
    identifier,
    status: 'creating',
    percent: 0,
    createdAt,
    cluster,
    tags,
  };
  await service.file.change((state) => ({ ...state, snapshots: [...state.snapshots, snapshot] }));
  return snapshot;
}

/**
 * Copies into `<identifier>.partial` and renames when all is there: a directory without the
 * suffix is always a whole snapshot.
 */
function take(service: RdsService, snapshot: SnapshotRecord): void {
  const { cluster, identifier } = snapshot;
  const target = snapshotDirectory(service, identifier);
  const partial = `${target}.partial`;
  // Taken before the answer, so that a deletion of the cluster waits for the snapshot.
  const holding = service.servers.hold(servedCluster(cluster, 'take a snapshot of it'));
  service.background.run(
    `the snapshot ${identifier}`,
    async () => {
      const hold = await holding;
      try {
        await mkdir(join(service.root, 'snapshots'), { recursive: true });
        await giveToServer(join(service.root, 'snapshots'), 0o700);
        await removeDirectory(partial);
        await takeBaseBackup({
          url: hold.server.url(),
          dataDirectory: hold.server.dataDirectory,
          target: partial,
          onProgress: progressOf(service, identifier),
        });
        await rename(partial, target);
      } finally {
        await hold.release();
      }
      await changeSnapshot(service, identifier, { status: 'available', percent: 100 });
    },
    async () => {
      await removeDirectory(partial);
      await changeSnapshot(service, identifier, { status: 'failed' });
    },
  );
}

/** Writes every whole step of five percent; 100 is reserved for a snapshot that is complete. */
function progressOf(service: RdsService, identifier: string): (share: number) => void {
  let shown = 0;
  return (share) => {
    const percent = Math.min(95, Math.floor(share * 20) * 5);
    if (percent === shown) return;
    shown = percent;
    // What the file says about progress does not matter: a restart ends the copy anyway.
    changeSnapshot(service, identifier, { percent }).catch(() => undefined);
  };
}

function changeSnapshot(
  service: RdsService,
  identifier: string,
  change: Partial<Pick<SnapshotRecord, 'status' | 'percent'>>,
): Promise<void> {
  return service.file.change((state) => ({
    ...state,
    snapshots: state.snapshots.map((one) =>
      one.identifier === identifier ? { ...one, ...change } : one,
    ),
  }));
}
