import { LockkeeperError } from '../core/errors.ts';
import { type DurationMs, durationMs, type EpochMs, type ExecutionId } from '../core/ids.ts';
import type { SnapshotMoment } from '../core/workflow/payload.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterService, RestoredCluster } from '../ports/cluster-service.ts';
import type { ControlStore, SnapshotRecord } from '../ports/control-store.ts';
import type { Database } from '../ports/database.ts';
import { DatabaseError } from '../ports/database.ts';
import { hasLedger } from '../postgres/ledger/bootstrap.ts';
import { type LedgerMigration, listMigrations } from '../postgres/ledger/executions.ts';

export interface RestoreContext {
  readonly control: ControlStore;
  readonly clusters: ClusterService;
  readonly clock: Clock;
  /** Opens the restored database, with the credentials of snapshot time. */
  connect(clusterArn: string): Database;
  /** Tells the responder what is happening. */
  report(text: string): void;
  /** How often to look; AWS restores take minutes. @default 10 s */
  readonly pollMs?: DurationMs;
  /** After this it gives up waiting; the restore itself goes on and can be asked for again. @default 2 h */
  readonly patienceMs?: DurationMs;
}

export interface RestoreReport {
  readonly snapshotIdentifier: string;
  readonly moment: SnapshotMoment;
  readonly originalCluster: string;
  readonly restoredCluster: string;
  readonly restoredClusterArn: string;
  /** When the snapshot was taken. */
  readonly takenAt: EpochMs;
  /** Everything written to the original in this time is not in the restored cluster. */
  readonly writeLossMs: DurationMs;
  /** What the restored database says about itself; it knows nothing of what came later. */
  readonly ledger: readonly LedgerMigration[];
}

/**
 * Makes a new cluster from the snapshot that an execution took, with the configuration captured
 * then, an instance and the Data API, and asks it something. The original cluster is not touched.
 * Every call is idempotent by name, so an interrupted restore is simply asked for again.
 */
export async function restore(
  context: RestoreContext,
  executionId: ExecutionId,
  moment: SnapshotMoment,
): Promise<RestoreReport> {
  const record = await findSnapshot(context, executionId, moment);
  const snapshot = await context.clusters.snapshotState(record.snapshotIdentifier);
  if (snapshot.kind !== 'available') {
    throw new LockkeeperError(
      'UnknownSnapshot',
      `snapshot ${record.snapshotIdentifier} cannot be restored: it is ${snapshot.kind}`,
    );
  }
  const name = restoredNameOf(record);
  const tags = {
    ...record.cluster.tags,
    'lockkeeper:restored-from': record.snapshotIdentifier,
    'lockkeeper:execution': executionId,
  };
  context.report(`restoring ${record.snapshotIdentifier} into the new cluster ${name}`);
  await context.clusters.startRestore({
    snapshotIdentifier: record.snapshotIdentifier,
    newClusterIdentifier: name,
    configuration: record.cluster,
    tags,
  });
  await waitFor(context, name, 'the cluster to be available', (c) => c.status === 'available');
  await giveInstance(context, record, name, tags);
  const ready = await waitFor(
    context,
    name,
    'its instance to be available',
    (c) => c.instances.length > 0 && c.instances.every((i) => i.status === 'available'),
  );
  if (!ready.dataApiEnabled) {
    context.report('turning its Data API on');
    await context.clusters.enableDataApi(ready.clusterArn);
    await waitFor(context, name, 'its Data API', (cluster) => cluster.dataApiEnabled);
  }
  const ledger = await verify(context, ready.clusterArn);
  return {
    snapshotIdentifier: record.snapshotIdentifier,
    moment,
    originalCluster: record.cluster.clusterIdentifier,
    restoredCluster: name,
    restoredClusterArn: ready.clusterArn,
    takenAt: snapshot.snapshot.createdAt,
    writeLossMs: durationMs(Math.max(0, context.clock.now() - snapshot.snapshot.createdAt)),
    ledger,
  };
}

async function findSnapshot(
  context: RestoreContext,
  executionId: ExecutionId,
  moment: SnapshotMoment,
): Promise<SnapshotRecord> {
  const records = await context.control.listSnapshotRecords(executionId);
  const record = records.find((candidate) => candidate.moment === moment);
  if (record !== undefined) return record;
  const has = records.map((candidate) => candidate.moment).join(', ');
  throw new LockkeeperError(
    'UnknownSnapshot',
    `execution ${executionId} has no snapshot ${moment}`,
    { fix: has === '' ? 'it took none' : `it has: ${has}` },
  );
}

/** RDS: at most 63 characters, no double or trailing hyphen. The end says which snapshot. */
function restoredNameOf(record: SnapshotRecord): string {
  const suffix = record.executionId.slice(record.executionId.lastIndexOf('-') + 1);
  const tail = `-restored-${suffix}${record.moment === 'before-contract' ? '-c' : ''}`;
  const head = record.cluster.clusterIdentifier.slice(0, 63 - tail.length).replace(/-+$/, '');
  return `${head}${tail}`;
}

async function giveInstance(
  context: RestoreContext,
  record: SnapshotRecord,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const writer = record.cluster.instances.find((instance) => instance.isWriter);
  if (writer === undefined) {
    throw new LockkeeperError(
      'RestoreFailed',
      `the captured configuration of ${record.cluster.clusterIdentifier} names no writer instance`,
    );
  }
  const known = await context.clusters.restoredCluster(name);
  if (known.instances.length > 0) return;
  context.report(`giving it an instance of class ${writer.instanceClass}`);
  await context.clusters.createInstance({
    clusterIdentifier: name,
    instanceIdentifier: `${name.slice(0, 61)}-1`,
    instanceClass: writer.instanceClass,
    engine: record.cluster.engine,
    publiclyAccessible: writer.publiclyAccessible,
    tags,
  });
}

async function waitFor(
  context: RestoreContext,
  name: string,
  what: string,
  ready: (cluster: RestoredCluster) => boolean,
): Promise<RestoredCluster> {
  const giveUpAt = context.clock.now() + (context.patienceMs ?? durationMs(2 * 3_600_000));
  for (;;) {
    const cluster = await context.clusters.restoredCluster(name);
    if (ready(cluster)) return cluster;
    if (context.clock.now() >= giveUpAt) {
      throw new LockkeeperError(
        'RestoreFailed',
        `gave up waiting for ${what}: cluster ${name} is ${cluster.status}`,
        { fix: 'run the same restore again: it goes on where it is' },
      );
    }
    context.report(`waiting for ${what} (${cluster.status})`);
    await context.clock.sleep(context.pollMs ?? durationMs(10_000));
  }
}

/** It answers, and says what it knows of itself. A fresh instance may need a moment. */
async function verify(
  context: RestoreContext,
  clusterArn: string,
): Promise<readonly LedgerMigration[]> {
  const database = context.connect(clusterArn);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await hasLedger(database)) ? await listMigrations(database) : [];
      } catch (error) {
        const transient =
          error instanceof DatabaseError &&
          (error.kind === 'unreachable' || error.kind === 'outcome-unknown');
        if (!transient || attempt >= 10) throw error;
        await context.clock.sleep(context.pollMs ?? durationMs(10_000));
      }
    }
  } finally {
    await database.close();
  }
}
