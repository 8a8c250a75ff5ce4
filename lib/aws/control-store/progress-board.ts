import { z } from 'zod';
import { SIGNAL_NAMES, SIGNAL_UNITS } from '../../core/backfill/signals.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { ControlStore, StepProgress } from '../../ports/control-store.ts';
import type { ControlTable } from './control-table.ts';
import { branded, readItem, writeItem } from './item-format.ts';
import { keys } from './keys.ts';

type ProgressBoard = Pick<ControlStore, 'putProgress' | 'getProgress'>;

const progressSchema: z.ZodType<{ steps: readonly StepProgress[] }> = z.object({
  steps: z.array(
    z.object({
      stepId: z.string(),
      kind: z.enum(['statement', 'backfill', 'check']),
      state: z.enum(['running', 'done', 'failed', 'held', 'undone']),
      startedAt: branded<EpochMs>('number'),
      updatedAt: branded<EpochMs>('number'),
      rowsDone: z.number().exactOptional(),
      rowsMoved: z.number().exactOptional(),
      rowsTotal: z.number().exactOptional(),
      rowsPerSecond: z.number().exactOptional(),
      etaMs: z.number().exactOptional(),
      etaEarliestMs: z.number().exactOptional(),
      etaLatestMs: z.number().exactOptional(),
      heldBy: z.string().exactOptional(),
      load: z
        .array(
          z.object({
            signal: z.enum(SIGNAL_NAMES),
            unit: z.enum(SIGNAL_UNITS),
            value: z.union([z.number(), z.enum(['pending', 'unreadable'])]),
            holdsAt: z.number().exactOptional(),
            goesOnAt: z.number().exactOptional(),
            holds: z.boolean(),
          }),
        )
        .exactOptional(),
      batches: z.array(z.object({ rows: z.number(), ms: z.number() })).exactOptional(),
      parity: z
        .object({ compared: z.number(), different: z.number(), repaired: z.number() })
        .exactOptional(),
      hold: z
        .object({
          since: branded<EpochMs>('number'),
          wentOnAt: branded<EpochMs>('number').exactOptional(),
        })
        .exactOptional(),
      note: z.string().exactOptional(),
    }),
  ),
});

/** The latest figures, for people who watch; nothing is decided from them. */
export function progressBoard(table: ControlTable): ProgressBoard {
  return {
    async putProgress(id, steps) {
      await table.put(keys.progress(id), writeItem({ steps }));
    },

    async getProgress(id) {
      const item = await table.get(keys.progress(id));
      return item === undefined ? [] : readItem(progressSchema, item).steps;
    },
  };
}
