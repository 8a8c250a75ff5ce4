import { isFinished } from '../../core/executions/execution.ts';
import { TAKEOVER_GATE } from '../../core/gates/gate.ts';
import { hashOrder } from '../../core/restore/order.ts';
import { done, type Outcome } from '../../core/workflow/outcome.ts';
import { DatabaseError } from '../../ports/database.ts';
import { freeze } from '../../postgres/restored/freeze.ts';
import { journal } from '../context.ts';
import { abortReason } from '../flags.ts';
import { failed, isOurs, isReconciled, type SqlContext, showActivity } from './context.ts';
import { inDatabase, takeFence } from './fencing.ts';

/**
 * Makes the target ours before anything is renamed: the lease, so that no migration begins; a new
 * fencing token in both databases, so that a runner of before can write into neither; and no more
 * writers in the old one. The last moment at which somebody can still stop the takeover.
 */
export async function holdTarget(context: SqlContext): Promise<Outcome> {
  if (!context.order.takeOver || (await isReconciled(context))) return done;
  const abort = abortReason(await context.control.getFlags(context.executionId));
  const holder = (await context.control.getLease(context.target))?.executionId;
  if (abort !== undefined && holder !== context.executionId) {
    return { kind: 'aborted', reason: abort };
  }
  const refusal = (await notApproved(context)) ?? (await takeLease(context));
  if (refusal !== undefined) return refusal;
  await showActivity(context, `fence and freeze ${context.order.names.original}`);
  const { names } = context.order;
  const old = await context.clusters.findCluster(names.original);
  const oldIsThere = old !== undefined && !isOurs(old, context.executionId);
  if (oldIsThere) await fenceAndFreeze(context, names.original);
  if ((await context.clusters.findCluster(names.restored)) !== undefined) {
    await inDatabase(context, names.restored, (database) => takeFence(context, database));
  }
  return done;
}

/** Whoever may start restores may write their records, so what is done is compared with what was approved. */
async function notApproved({
  control,
  executionId,
  order,
}: SqlContext): Promise<Outcome | undefined> {
  const gate = await control.getGate(executionId, TAKEOVER_GATE);
  if (gate?.decision?.kind === 'approved' && gate.planHash === hashOrder(order)) return undefined;
  return failed('nobody approved this takeover', 'begin the restore again');
}

/** @returns why the lease cannot be had */
async function takeLease(context: SqlContext): Promise<Outcome | undefined> {
  const { control, target, executionId, clock } = context;
  const answer = await control.acquireLease(target, executionId, clock.now());
  if (answer.kind === 'acquired') return undefined;
  const holder = await control.getExecution(answer.by.executionId);
  const idle =
    holder === undefined ||
    isFinished(holder.status) ||
    holder.status === 'rollback-failed' ||
    holder.status === 'forward-fix-required' ||
    holder.status === 'restored';
  if (!idle) {
    return failed(
      `execution ${answer.by.executionId} is ${holder.status} on ${target}`,
      `lockkeeper abort ${answer.by.executionId}, wait for its end, then lockkeeper resume ${executionId}`,
    );
  }
  const from = answer.by.executionId;
  const taken = await control.takeOverLease(target, from, executionId, clock.now());
  if (taken.kind === 'acquired') return undefined;
  return failed(`the lease of ${target} went to ${taken.by.executionId}`);
}

/**
 * A database that cannot be reached cannot be frozen, and is no reason to keep its users waiting: the
 * rename alone takes it out of their way. That is noted, because connections of before may remain.
 */
async function fenceAndFreeze(context: SqlContext, cluster: string): Promise<void> {
  try {
    const ended = await inDatabase(context, cluster, async (database) => {
      await takeFence(context, database);
      return freeze(database);
    });
    await journal(context, 'OldClusterFrozen', { facts: { cluster, frozen: true, ended } });
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await journal(context, 'OldClusterFrozen', {
      reason: `${cluster} could not be frozen (${error.kind})`,
      facts: { cluster, frozen: false },
    });
  }
}
