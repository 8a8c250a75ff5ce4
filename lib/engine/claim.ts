import type { FencingToken } from '../core/ids.ts';
import { adoptFence, type Fence, FencedError, storedFence } from '../postgres/ledger/fence.ts';
import { terminateTagged } from '../postgres/sessions.ts';
import type { TargetContext } from './context.ts';
import { executionTag } from './tag.ts';

export type Claim =
  | { readonly kind: 'claimed'; readonly fence: Fence }
  /** A newer call of the same execution was faster; it goes on with the work. */
  | { readonly kind: 'superseded' }
  /** The target's lease belongs to another execution. */
  | { readonly kind: 'lost'; readonly why: string };

/**
 * Makes this call the only one that may write for its execution.
 *
 * Every call takes a new, larger token, so whatever else still works for the same target (a
 * function that was thought dead, a duplicate delivery) fails its next transaction and stops. It
 * answers `continue`, the state machine asks again, and the newest caller goes on alone.
 */
export async function claim(context: TargetContext): Promise<Claim> {
  const { database, executionId } = context;
  // A transaction that a dead function left open holds the fence row FOR SHARE and its own locks
  // until the Data API's idle timeout of three minutes; end it now instead of waiting behind it.
  await terminateTagged(database, executionTag(executionId), 'idle in transaction');
  const first = await take(context, undefined);
  if (first.kind !== 'behind') return first;
  // A token of our own execution is a newer call of ours. One of another execution, while the lease
  // is ours, is a counter that the control store never had: it was made anew. Go past it.
  if (first.stored.executionId === executionId) return { kind: 'superseded' };
  const second = await take(context, first.stored.token);
  return second.kind === 'behind' ? { kind: 'superseded' } : second;
}

async function take(
  { control, database, executionId, target }: TargetContext,
  above: FencingToken | undefined,
): Promise<Claim | { readonly kind: 'behind'; readonly stored: Fence }> {
  const token = await control.nextFencingToken(target, executionId, above);
  if (token === undefined) {
    const holder = (await control.getLease(target))?.executionId ?? 'nobody';
    return { kind: 'lost', why: `the lease of ${target} belongs to ${holder}` };
  }
  const fence: Fence = { executionId, token };
  try {
    await adoptFence(database, fence);
    return { kind: 'claimed', fence };
  } catch (error) {
    if (!(error instanceof FencedError)) throw error;
    return { kind: 'behind', stored: (await storedFence(database)) ?? fence };
  }
}
