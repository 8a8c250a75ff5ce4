import { appendFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresServer } from '../postgres/server.ts';
import { giveToServer } from './copy-data-directory.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { invalidParameterValue } from './errors.ts';
import type { ClusterRecord } from './records.ts';
import { type RdsService, servedCluster, snapshotDirectory } from './service.ts';

/**
 * Restores to a moment of the past as PostgreSQL does it: a base backup from before, and WAL up to
 * the moment. The base is a snapshot of the same cluster, the WAL what its server still has
 * (`wal_keep_size`). Aurora needs no snapshot for it; here the past begins with the first one.
 */

const SEGMENT = /^[0-9A-F]{24}$/;
const POLL_MS = 25;

/** What a restore to a moment begins with. */
export interface PastBase {
  /** A complete snapshot from before the moment. */
  readonly directory: string;
}

/**
 * The newest snapshot that was complete at the moment, if all WAL since is still there.
 * @throws AwsError `InvalidParameterValue` when there is no such past
 */
export async function findPast(
  service: RdsService,
  source: ClusterRecord,
  at: Date,
): Promise<PastBase> {
  if (at.getTime() > Date.now()) {
    throw invalidParameterValue(`RestoreToTime ${at.toISOString()} is in the future.`);
  }
  const names = service.file
    .current()
    .snapshots.filter(
      ({ status, cluster }) => status === 'available' && cluster.resourceId === source.resourceId,
    )
    .map(({ identifier }) => snapshotDirectory(service, identifier));
  const complete = await Promise.all(
    names.map(async (directory) => ({ directory, at: await completedAt(directory) })),
  );
  const base = complete
    .filter((one) => one.at <= at.getTime())
    .toSorted((left, right) => right.at - left.at)[0];
  const past = at.toISOString();
  if (base === undefined) {
    throw invalidParameterValue(
      `RestoreToTime ${past} is not possible: the embedded rds keeps no past from before its first snapshot of ${source.identifier}. Restore a snapshot, or UseLatestRestorableTime.`,
    );
  }
  if (!(await hasWalSince(service.servers.dataDirectory(source.resourceId), base.directory))) {
    throw invalidParameterValue(
      `RestoreToTime ${past} is not possible: the embedded rds has recycled the WAL since its snapshot of ${new Date(base.at).toISOString()}. Restore that snapshot.`,
    );
  }
  return base;
}

/** The last file of a base backup is the label; it is written when the backup ends. */
async function completedAt(directory: string): Promise<number> {
  return (await stat(join(directory, 'backup_label'))).mtimeMs;
}

/** WAL is recycled oldest first, so what begins where the base ends goes on to the present. */
async function hasWalSince(dataDirectory: string, base: string): Promise<boolean> {
  const segments = (await readdir(join(base, 'pg_wal'))).filter((name) => SEGMENT.test(name));
  const last = segments.sort().at(-1) ?? '';
  return (await readdir(join(dataDirectory, 'pg_wal'))).includes(last);
}

/** Fills the data directory of `cluster`, and brings its server once to that moment. */
export async function recoverTo(
  service: RdsService,
  options: {
    readonly base: PastBase;
    readonly source: PostgresServer;
    readonly cluster: ClusterRecord;
    readonly target: string;
    readonly at: Date;
  },
): Promise<void> {
  const { base, source, cluster, target, at } = options;
  await endSegment(source);
  await copySnapshot(base.directory, target);
  const wal = join(source.dataDirectory, 'pg_wal', '%f');
  await configure(target, [
    ['restore_command', `cp ${shellQuoted(wal)} "%p"`],
    // The setting takes an offset, and no name of a zone such as Z.
    ['recovery_target_time', at.toISOString().replace('Z', '+00')],
    ['recovery_target_action', 'promote'],
  ]);
  await writeFile(join(target, 'recovery.signal'), '');
  await giveToServer(join(target, 'recovery.signal'), 0o600);
  const hold = await service.servers.hold(servedCluster(cluster, 'recover it'));
  try {
    await withClient(hold.server.url(), forgetRecovery);
  } finally {
    await hold.release();
  }
}

/** Recovery stops at the first commit after the moment, so there must be one; then all is on disk. */
async function endSegment(source: PostgresServer): Promise<void> {
  await withClient(source.url(), async (client) => {
    await client.query('begin read write');
    await client.query('select pg_current_xact_id()');
    await client.query('commit');
    await client.query('select pg_switch_wal()');
  });
}

async function configure(
  target: string,
  settings: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  const lines = settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  await appendFile(join(target, 'postgresql.auto.conf'), lines.join(''));
}

/** A server answers as soon as it is consistent; it is a primary when it has come to the moment. */
async function forgetRecovery(client: pg.Client): Promise<void> {
  const inRecovery = 'select pg_is_in_recovery() as recovering';
  while ((await client.query<{ recovering: boolean }>(inRecovery)).rows[0]?.recovering === true) {
    await sleep(POLL_MS);
  }
  for (const name of ['restore_command', 'recovery_target_time', 'recovery_target_action']) {
    await client.query(`alter system reset ${name}`);
  }
  await client.query('checkpoint');
}

function shellQuoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

async function withClient(
  connectionString: string,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
