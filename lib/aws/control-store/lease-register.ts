import { z } from 'zod';
import { LockkeeperError } from '../../core/errors.ts';
import type { EpochMs, ExecutionId, FencingToken } from '../../core/ids.ts';
import type { ControlStore, Lease, LeaseAnswer } from '../../ports/control-store.ts';
import type { ControlTable, Expression, StoredItem } from './control-table.ts';
import { branded, ITEM_FORMAT, maybe, readItem } from './item-format.ts';
import { keys } from './keys.ts';

type LeaseRegister = Pick<
  ControlStore,
  'acquireLease' | 'nextFencingToken' | 'getLease' | 'releaseLease' | 'takeOverLease'
>;

interface LeaseItem {
  readonly fence: FencingToken;
  /** Undefined while nobody has the lease; the item stays for its counter. */
  readonly holder: ExecutionId | undefined;
  readonly since: EpochMs | undefined;
}

const leaseSchema: z.ZodType<LeaseItem> = z.object({
  fence: branded<FencingToken>('number'),
  holder: maybe(branded<ExecutionId>('string')),
  since: maybe(branded<EpochMs>('number')),
});

/**
 * One item per target. Every take adds 1 to `fence` in the same conditional update, and a release
 * removes the holder but keeps the item, so the counter never goes back and no token is given twice.
 */
export function leaseRegister(table: ControlTable): LeaseRegister {
  const take = async (
    target: string,
    me: ExecutionId,
    now: EpochMs,
    condition: Expression,
  ): Promise<LeaseAnswer> => {
    const answer = await table.update(keys.lease(target), takeFor(me, now), condition);
    return answer.kind === 'written'
      ? { kind: 'acquired', lease: held(target, answer.item) }
      : { kind: 'held', by: held(target, answer.by) };
  };

  return {
    async getLease(target) {
      return leaseOf(target, await table.get(keys.lease(target)));
    },

    acquireLease: (target, me, now) =>
      take(target, me, now, {
        text: 'attribute_not_exists(holder) OR holder = :me',
        values: { ':me': me },
      }),

    takeOverLease: (target, from, to, now) =>
      // Free is fine as well: the holder that ended let go of it first.
      take(target, to, now, {
        text: 'attribute_not_exists(holder) OR holder = :from OR holder = :me',
        values: { ':from': from, ':me': to },
      }),

    async nextFencingToken(target, me, above) {
      // The jump first: it is refused when the counter is past it already, and adding is enough then.
      if (above !== undefined) {
        const jumped = await table.update(
          keys.lease(target),
          { text: 'SET fence = :next', values: { ':next': above + 1 } },
          { text: 'holder = :me AND fence <= :above', values: { ':me': me, ':above': above } },
        );
        if (jumped.kind === 'written') return readItem(leaseSchema, jumped.item).fence;
      }
      const next = await table.update(
        keys.lease(target),
        { text: 'ADD fence :one', values: { ':one': 1 } },
        { text: 'holder = :me', values: { ':me': me } },
      );
      return next.kind === 'written' ? readItem(leaseSchema, next.item).fence : undefined;
    },

    async releaseLease(target, me) {
      // Refused means: not ours (any more), which is what the caller wants.
      await table.update(
        keys.lease(target),
        { text: 'REMOVE holder, since' },
        { text: 'holder = :me', values: { ':me': me } },
      );
    },
  };
}

/** `since` is when the holder took it last: a resumed holder starts anew. */
function takeFor(me: ExecutionId, now: EpochMs): Expression {
  return {
    text: 'SET v = :v, holder = :me, since = :now ADD fence :one',
    values: { ':v': ITEM_FORMAT, ':me': me, ':now': now, ':one': 1 },
  };
}

/** The lease of an item that has a holder, because it was just taken or refused to be. */
function held(target: string, item: StoredItem | undefined): Lease {
  const lease = leaseOf(target, item);
  if (lease !== undefined) return lease;
  throw new LockkeeperError('Internal', `DynamoDB did not say who has the lease of ${target}`);
}

function leaseOf(target: string, item: StoredItem | undefined): Lease | undefined {
  if (item === undefined) return undefined;
  const { holder, since, fence } = readItem(leaseSchema, item);
  if (holder === undefined || since === undefined) return undefined;
  return { target, executionId: holder, fence, since };
}
