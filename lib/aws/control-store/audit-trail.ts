import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type LockkeeperEvent, TRAIL_KINDS, type TrailKind } from '../../core/executions/event.ts';
import type { EpochMs, ExecutionId, MigrationId } from '../../core/ids.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import { ABSENT, type ControlTable } from './control-table.ts';
import { branded, facts, readItem, writeItem } from './item-format.ts';
import { auditPartition, keys } from './keys.ts';

type AuditTrail = Pick<ControlStore, 'audit' | 'listAudit'>;

const eventSchema: z.ZodType<LockkeeperEvent<TrailKind>> = z.object({
  kind: z.enum(TRAIL_KINDS),
  at: branded<EpochMs>('number'),
  executionId: branded<ExecutionId>('string'),
  migrationId: branded<MigrationId>('string'),
  by: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  facts: facts.exactOptional(),
});

/** Events in the order of their time; those of one process in the order they were appended. */
export function auditTrail(table: ControlTable): AuditTrail {
  let order = 0;

  return {
    async audit(event) {
      // Six digits of order; the trail of one process has far fewer events within a millisecond.
      order = (order + 1) % 1_000_000;
      const digest = createHash('sha256').update(JSON.stringify(event)).digest('hex').slice(0, 16);
      // Refused means: the SDK sent it twice because the first answer got lost.
      const key = keys.audit(event.executionId, event.at, order, digest);
      await table.put(key, writeItem(event), ABSENT);
    },

    async listAudit(id) {
      return (await table.list(auditPartition(id))).map((item) => readItem(eventSchema, item));
    },
  };
}
