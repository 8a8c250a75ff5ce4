import { z } from 'zod';
import type { Signal } from '../../core/gates/gate.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import { ABSENT, type ControlTable } from './control-table.ts';
import { branded, maybe, readItem, writeItem } from './item-format.ts';
import { keys, signalPartition } from './keys.ts';

type SignalMailbox = Pick<ControlStore, 'putSignal' | 'listSignals'>;

const signalSchema: z.ZodType<Signal> = z.object({
  signalId: z.string(),
  name: z.string(),
  version: maybe(z.string()),
  by: z.string(),
  at: branded<EpochMs>('number'),
});

/** Signals are kept whether or not a gate waits for them, once each. */
export function signalMailbox(table: ControlTable): SignalMailbox {
  return {
    async putSignal(id, signal) {
      const written = await table.put(keys.signal(id, signal.signalId), writeItem(signal), ABSENT);
      return written === 'written' ? 'kept' : 'duplicate';
    },

    async listSignals(id) {
      const items = await table.list(signalPartition(id));
      return items.map((item) => readItem(signalSchema, item)).toSorted((a, b) => a.at - b.at);
    },
  };
}
