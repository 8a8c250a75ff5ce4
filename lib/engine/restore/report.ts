import { LockkeeperError } from '../../core/errors.ts';
import type { Execution, ExecutionStatus } from '../../core/executions/execution.ts';
import { type DurationMs, durationMs, type EpochMs } from '../../core/ids.ts';
import type { RestoreOrder } from '../../core/restore/order.ts';
import type { SnapshotMoment } from '../../core/workflow/payload.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterService } from '../../ports/cluster-service.ts';
import type { ControlStore, StepProgress } from '../../ports/control-store.ts';
import type { Database } from '../../ports/database.ts';
import { hasLedger } from '../../postgres/ledger/bootstrap.ts';
import { type LedgerMigration, listMigrations } from '../../postgres/ledger/executions.ts';

/** What a restore made, and what is missing in it. */
export interface RestoreReport {
  readonly restoreId: string;
  /** The execution whose snapshot, or whose target, was restored. */
  readonly of: string;
  readonly status: ExecutionStatus;
  /** Undefined for a point in time. */
  readonly snapshotIdentifier: string | undefined;
  readonly moment: SnapshotMoment | undefined;
  readonly originalCluster: string;
  /** The new cluster's name now: that of the original when it took over. */
  readonly restoredCluster: string;
  readonly restoredClusterArn: string;
  /** The old cluster, where it was put aside. */
  readonly keptCluster: string | undefined;
  /** What the restored cluster holds is of this time. */
  readonly takenAt: EpochMs;
  /** Everything written to the original in this time is not in the restored cluster. */
  readonly writeLossMs: DurationMs;
  /** What was looked at in it. */
  readonly checks: readonly {
    readonly name: string;
    readonly held: boolean;
    readonly note: string;
  }[];
  /** What the restored database says about itself. */
  readonly ledger: readonly LedgerMigration[];
}

export interface ReportContext {
  readonly control: ControlStore;
  readonly clusters: ClusterService;
  readonly clock: Clock;
  connect(clusterArn: string): Database;
}

/** Looks at a restored cluster, wherever it is by now. */
export async function reportRestore(
  context: ReportContext,
  { executionId, restore: order }: Execution,
): Promise<RestoreReport> {
  if (order === undefined) {
    throw new LockkeeperError('WrongState', `${executionId} is not a restore`);
  }
  const beside = await context.clusters.findCluster(order.names.restored);
  const cluster = beside ?? (await context.clusters.restoredCluster(order.names.original));
  const takenAt = await timeOf(context, order);
  const status = (await context.control.getExecution(executionId))?.status ?? 'starting';
  const { source, names } = order;
  return {
    restoreId: executionId,
    of: order.of,
    status,
    snapshotIdentifier: source.kind === 'snapshot' ? source.snapshotIdentifier : undefined,
    moment: source.kind === 'snapshot' ? source.moment : undefined,
    originalCluster: names.original,
    restoredCluster: cluster.clusterIdentifier,
    restoredClusterArn: cluster.clusterArn,
    keptCluster: beside === undefined ? names.kept : undefined,
    takenAt,
    writeLossMs: durationMs(Math.max(0, context.clock.now() - takenAt)),
    checks: (await context.control.getProgress(executionId)).map(toCheck),
    ledger: await ledgerOf(context.connect(cluster.clusterArn)),
  };
}

/** The time that a restore brings back: what was written later is lost. */
export async function timeOf(
  { clusters, clock }: Pick<ReportContext, 'clusters' | 'clock'>,
  { source, names }: RestoreOrder,
): Promise<EpochMs> {
  if (source.kind === 'snapshot') {
    const state = await clusters.snapshotState(source.snapshotIdentifier);
    if (state.kind === 'available') return state.snapshot.createdAt;
    throw new LockkeeperError(
      'UnknownSnapshot',
      `snapshot ${source.snapshotIdentifier} cannot be restored: it is ${state.kind}`,
    );
  }
  if (source.at !== undefined) return source.at;
  const { latestRestorableTime } = await clusters.describeCluster(names.original);
  return latestRestorableTime ?? clock.now();
}

function toCheck({ stepId, state, note = '' }: StepProgress): RestoreReport['checks'][number] {
  return { name: stepId, held: state === 'done', note };
}

async function ledgerOf(database: Database): Promise<readonly LedgerMigration[]> {
  try {
    return (await hasLedger(database)) ? await listMigrations(database) : [];
  } finally {
    await database.close();
  }
}
