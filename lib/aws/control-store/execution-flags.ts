import { z } from 'zod';
import { KNOB_NAMES } from '../../core/backfill/tuning.ts';
import type { ExecutionFlags } from '../../core/executions/execution.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import type { ControlTable } from './control-table.ts';
import { branded, ITEM_FORMAT, maybe, readItem } from './item-format.ts';
import { keys } from './keys.ts';

type FlagStore = Pick<
  ControlStore,
  'getFlags' | 'setPaused' | 'putTuning' | 'acceptQuarantine' | 'requestAbort' | 'clearAbort'
>;

const flagsSchema: z.ZodType<ExecutionFlags> = z.object({
  paused: z.boolean().default(false),
  abort: maybe(z.object({ by: z.string(), reason: z.string(), at: branded<EpochMs>('number') })),
  tuning: z.partialRecord(z.enum(KNOB_NAMES), z.number()).exactOptional(),
  quarantineAccepted: z
    .object({ by: z.string(), reason: z.string(), at: branded<EpochMs>('number') })
    .exactOptional(),
});

/** ABORT is a reserved word of DynamoDB. */
const ABORT = { '#abort': 'abort' };

/** Requests that a running execution reads before each step and each batch. */
export function executionFlags(table: ControlTable): FlagStore {
  return {
    async getFlags(id) {
      const item = await table.get(keys.flags(id));
      return item === undefined ? { paused: false, abort: undefined } : readItem(flagsSchema, item);
    },

    async setPaused(id, paused) {
      const update = {
        text: 'SET v = :v, paused = :paused',
        values: { ':v': ITEM_FORMAT, ':paused': paused },
      };
      await table.update(keys.flags(id), update);
    },

    async putTuning(id, tuning) {
      const update = {
        text: 'SET v = :v, tuning = :tuning',
        values: { ':v': ITEM_FORMAT, ':tuning': { ...tuning } },
      };
      await table.update(keys.flags(id), update);
    },

    async acceptQuarantine(id, acceptance) {
      const update = {
        text: 'SET v = :v, quarantineAccepted = :accepted',
        values: { ':v': ITEM_FORMAT, ':accepted': acceptance },
      };
      await table.update(keys.flags(id), update);
    },

    async requestAbort(id, request) {
      const update = {
        text: 'SET v = :v, #abort = :abort',
        names: ABORT,
        values: { ':v': ITEM_FORMAT, ':abort': request },
      };
      // Refused means: somebody asked before. Who asked first stays on record.
      await table.update(keys.flags(id), update, {
        text: 'attribute_not_exists(#abort)',
        names: ABORT,
      });
    },

    async clearAbort(id) {
      const update = {
        text: 'SET v = :v REMOVE #abort',
        names: ABORT,
        values: { ':v': ITEM_FORMAT },
      };
      await table.update(keys.flags(id), update);
    },
  };
}
