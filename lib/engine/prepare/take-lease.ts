import { isFinished } from '../../core/executions/execution.ts';
import type { Lease } from '../../ports/control-store.ts';
import type { TargetContext } from '../context.ts';

/**
 * One execution per target. A lease whose holder has ended (its last act was lost) is taken over;
 * a holder that is stuck keeps it, because its target is neither before nor after its migration.
 * @returns why not, naming the holder, or undefined when the lease is ours
 */
export async function takeLease(context: TargetContext): Promise<string | undefined> {
  const { control, executionId, target, clock } = context;
  const answer = await control.acquireLease(target, executionId, clock.now());
  if (answer.kind === 'acquired') return undefined;
  const holder = await control.getExecution(answer.by.executionId);
  if (holder !== undefined && !isFinished(holder.status)) return refusal(answer.by, holder.status);
  const taken = await control.takeOverLease(
    target,
    answer.by.executionId,
    executionId,
    clock.now(),
  );
  return taken.kind === 'acquired' ? undefined : refusal(taken.by, undefined);
}

function refusal(lease: Lease, status: string | undefined): string {
  const since = new Date(lease.since).toISOString();
  const state = status === undefined ? '' : `, ${status}`;
  return `target ${lease.target} is in the hands of execution ${lease.executionId}${state} since ${since}`;
}
