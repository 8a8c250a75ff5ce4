import { z } from 'zod';
import type { Starter } from '../../core/identity/starter.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import { ABSENT, type ControlTable } from './control-table.ts';
import { branded, readItem, writeItem } from './item-format.ts';
import { keys } from './keys.ts';

const starterSchema: z.ZodType<Starter> = z.object({
  by: z.string(),
  at: branded<EpochMs>('number'),
  fourEyes: z.boolean(),
});

/**
 * Who started an execution, in a kind of item of its own: whoever may start executions may write
 * their records, and must not be able to write this.
 */
export function starterRecord(
  table: ControlTable,
): Pick<ControlStore, 'putStarter' | 'getStarter'> {
  return {
    async putStarter(id, starter) {
      // The first one stays: it was verified, and a repeated call has verified the same proof.
      await table.put(keys.starter(id), writeItem(starter), ABSENT);
    },

    async getStarter(id) {
      const item = await table.get(keys.starter(id));
      return item && readItem(starterSchema, item);
    },
  };
}
