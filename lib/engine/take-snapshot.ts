import { LockkeeperError } from '../core/errors.ts';
import { snapshotIdentifierOf } from '../core/executions/snapshot-name.ts';
import { done, type Outcome } from '../core/workflow/outcome.ts';
import type { SnapshotMoment } from '../core/workflow/payload.ts';
import type { ClusterService, SnapshotState } from '../ports/cluster-service.ts';
import type { SnapshotRecord } from '../ports/control-store.ts';
import type { Database } from '../ports/database.ts';
import { fingerprint } from '../postgres/fingerprint.ts';
import { tableSizes } from '../postgres/restored/table-sizes.ts';
import { type EngineContext, journal } from './context.ts';
import { abortReason } from './flags.ts';

/**
 * A small snapshot takes seconds, a large one many minutes: waiting a quarter of its age again loses
 * at most a fifth of the time, and never asks more often than every 2 s or less than every 30 s.
 */
function pollSeconds(ageMs: number): number {
  return Math.min(30, Math.max(2, ageMs / 4_000));
}

export interface SnapshotContext extends EngineContext {
  readonly database: Database;
  readonly clusters: ClusterService;
  readonly clusterIdentifier: string;
}

/**
 * Takes the snapshot of a moment, or finds it, and says `done` only when it can be restored.
 * The cluster's configuration is captured with it, because a restore must be told all of it, and a
 * picture of the database, because a restore must be compared with something.
 */
export async function takeSnapshot(
  context: SnapshotContext,
  moment: SnapshotMoment,
): Promise<Outcome> {
  const abort = abortReason(await context.control.getFlags(context.executionId));
  if (abort !== undefined) return { kind: 'aborted', reason: abort };
  const plan = await context.control.getPlan(context.executionId);
  if (plan === undefined) return { kind: 'failed', reason: 'there is no plan for this execution' };
  const wanted =
    moment === 'before-expand'
      ? plan.plan.snapshots.beforeExpand
      : plan.plan.snapshots.beforeContract;
  if (wanted === 'none') return done;

  const snapshotIdentifier = snapshotIdentifierOf(context.executionId, moment);
  const known = (await context.control.listSnapshotRecords(context.executionId)).find(
    (record) => record.moment === moment,
  );
  if (known?.availableAt !== undefined) return done;
  try {
    const record = known ?? (await capture(context, moment, snapshotIdentifier));
    const state =
      known === undefined
        ? await context.clusters.startSnapshot({
            clusterIdentifier: context.clusterIdentifier,
            snapshotIdentifier,
            tags: {
              'lockkeeper:execution': context.executionId,
              'lockkeeper:migration': context.migrationId,
              'lockkeeper:moment': moment,
            },
          })
        : await context.clusters.snapshotState(snapshotIdentifier);
    if (known === undefined) {
      await context.control.putSnapshotRecord(record);
      await context.control.changeExecution(context.executionId, {
        status: 'running',
        activity: `snapshot ${moment.replace('-', ' ')}`,
      });
      await journal(context, 'SnapshotStarted', {
        facts: { snapshot: snapshotIdentifier, moment },
      });
    }
    return await judge(context, record, state);
  } catch (error) {
    if (error instanceof LockkeeperError && !error.retryable) {
      const fix = error.fix === undefined ? '' : `; ${error.fix}`;
      return { kind: 'failed', reason: `${error.message}${fix}` };
    }
    throw error;
  }
}

async function capture(
  context: SnapshotContext,
  moment: SnapshotMoment,
  snapshotIdentifier: string,
): Promise<SnapshotRecord> {
  return {
    executionId: context.executionId,
    moment,
    snapshotIdentifier,
    requestedAt: context.clock.now(),
    availableAt: undefined,
    cluster: await context.clusters.describeCluster(context.clusterIdentifier),
    picture: {
      fingerprint: await fingerprint(context.database),
      tables: await tableSizes(context.database),
    },
  };
}

async function judge(
  context: SnapshotContext,
  record: SnapshotRecord,
  state: SnapshotState,
): Promise<Outcome> {
  switch (state.kind) {
    case 'available':
      await context.control.putSnapshotRecord({
        ...record,
        availableAt: context.clock.now(),
      });
      await journal(context, 'SnapshotAvailable', {
        facts: { snapshot: record.snapshotIdentifier, moment: record.moment },
      });
      return done;
    case 'creating':
      return {
        kind: 'wait',
        seconds: pollSeconds(context.clock.now() - record.requestedAt),
        reason: `snapshot ${record.snapshotIdentifier} is at ${state.percent}%`,
      };
    case 'absent':
      return { kind: 'failed', reason: `snapshot ${record.snapshotIdentifier} has disappeared` };
    case 'failed':
      return {
        kind: 'failed',
        reason: `snapshot ${record.snapshotIdentifier} ended as ${state.status}`,
      };
  }
}
