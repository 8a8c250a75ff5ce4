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
 * A refused take is followed by a read that says who has it. Between the two the holder may let
 * go; then taking is tried again. Three rounds: each needs another release in those milliseconds.
 */
const ROUNDS = 3;

/**
 * One item per target. Every take adds 1 to `fence` in the same conditional update, and a release
 * removes the holder but keeps the item, so the counter never goes back and no token is given twice.
 */
export function leaseRegister(table: ControlTable): LeaseRegister {
  const read = async (target: string): Promise<LeaseItem | undefined> => {
    const item = await table.get(keys.lease(target));
    return item && readItem(leaseSchema, item);
  };

  const getLease = async (target: string): Promise<Lease | undefined> =>
    leaseOf(target, await read(target));

  const take = async (
    target: string,
    me: ExecutionId,
    now: EpochMs,
    condition: Expression,
  ): Promise<LeaseAnswer> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const mine = await table.update(keys.lease(target), takeFor(me, now), condition);
      if (mine !== undefined) return { kind: 'acquired', lease: held(target, mine) };
      const by = await getLease(target);
      if (by !== undefined) return { kind: 'held', by };
    }
    throw new LockkeeperError('Conflict', `the lease of ${target} changes hands all the time`, {
      fix: 'try again when the other starts are over',
    });
  };

  return {
    getLease,

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
        if (jumped !== undefined) return readItem(leaseSchema, jumped).fence;
      }
      const item = await table.update(
        keys.lease(target),
        { text: 'ADD fence :one', values: { ':one': 1 } },
        { text: 'holder = :me', values: { ':me': me } },
      );
      return item && readItem(leaseSchema, item).fence;
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

function held(target: string, item: StoredItem): Lease {
  const lease = leaseOf(target, readItem(leaseSchema, item));
  if (lease !== undefined) return lease;
  throw new LockkeeperError('Internal', `the lease of ${target} was taken and has no holder`);
}

function leaseOf(target: string, item: LeaseItem | undefined): Lease | undefined {
  if (item?.holder === undefined || item.since === undefined) return undefined;
  return { target, executionId: item.holder, fence: item.fence, since: item.since };
}
