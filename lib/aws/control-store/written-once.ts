import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { EnvironmentSettings } from '../../core/config/environment-settings.ts';
import { LockkeeperError } from '../../core/errors.ts';
import { proofSchema } from '../../core/identity/proof.ts';
import type { Checksum, ExecutionId, MigrationId, PlanHash } from '../../core/ids.ts';
import { hashPlan } from '../../core/plan/hash.ts';
import type { HashedPlan, Plan } from '../../core/plan/plan.ts';
import { requireKnownPlan } from '../../core/plan/plan-format.ts';
import type { ControlStore, MigrationSource } from '../../ports/control-store.ts';
import { compress, decompress } from './compressed-text.ts';
import { ABSENT, type ControlTable, type StoredItem } from './control-table.ts';
import { idTaken } from './execution-records.ts';
import { branded, readItem, writeItem } from './item-format.ts';
import { type ItemKey, keys } from './keys.ts';

type WrittenOnce = Pick<ControlStore, 'getSource' | 'putPlan' | 'getPlan'> & {
  /** @throws LockkeeperError Conflict when another source is kept under the id */
  putSource(executionId: ExecutionId, source: MigrationSource): Promise<void>;
};

const contentSchema: z.ZodType<{ content: Uint8Array }> = z.object({
  content: z.instanceof(Uint8Array),
});

const settingsSchema = z.looseObject({
  name: z.string(),
  policy: z.looseObject({}),
  overrides: z.looseObject({}),
});

const sourceSchema: z.ZodType<MigrationSource> = z.object({
  migrationId: branded<MigrationId>('string'),
  files: z.record(z.string(), z.string()),
  known: z.array(
    z.object({
      migrationId: branded<MigrationId>('string'),
      checksum: branded<Checksum>('string'),
    }),
  ),
  // Made by the configuration's parser; what is inside is checked there, by its own schema.
  environment: z.custom<EnvironmentSettings>(
    (value) => settingsSchema.safeParse(value).success,
    'the settings of an environment are expected',
  ),
  proof: proofSchema.optional(),
});

/** Any plan, of whatever format: that is read first, and then the hash covers every character. */
const planSchema: z.ZodType<HashedPlan> = z.object({
  hash: branded<PlanHash>('string'),
  plan: z.custom<Plan>(
    (value) =>
      z.looseObject({ formatVersion: z.number(), steps: z.array(z.unknown()) }).safeParse(value)
        .success,
    'a plan is expected',
  ),
});

/** What was approved is what runs: an execution's source and plan never change once written. */
export function writtenOnce(table: ControlTable): WrittenOnce {
  return {
    async putSource(id, source) {
      const content = compress(
        source,
        `the migration ${source.migrationId}`,
        'InvalidMigration',
        'load large data separately and keep only schema changes in the migration',
      );
      const written = await table.put(keys.source(id), writeItem({ content }), ABSENT);
      if (written === 'written') return;
      // A start that was cut off, or whose answer got lost, leaves exactly this content behind.
      const kept = await readContent(keys.source(id), sourceSchema);
      if (!isDeepStrictEqual(kept, source)) throw idTaken(id);
    },

    getSource: (id) => readContent(keys.source(id), sourceSchema),

    async putPlan(id, plan) {
      const content = compress(
        plan,
        `the plan ${plan.hash.slice(0, 12)}`,
        'InvalidMigration',
        'split the migration into several smaller ones',
      );
      const written = await table.put(keys.plan(id), writeItem({ content }), ABSENT);
      if (written === 'written') return;
      const kept = await getPlan(id);
      if (kept?.hash === plan.hash) return;
      throw new LockkeeperError(
        'PlanChanged',
        `execution ${id} has plan ${kept?.hash.slice(0, 12)}, refused ${plan.hash.slice(0, 12)}`,
        { fix: 'start a new execution; this one keeps the plan it began with' },
      );
    },

    getPlan,
  };

  async function getPlan(id: ExecutionId): Promise<HashedPlan | undefined> {
    const kept = await readContent(keys.plan(id), planSchema);
    if (kept === undefined) return undefined;
    requireKnownPlan(id, kept.plan.formatVersion);
    if (hashPlan(kept.plan).hash === kept.hash) return kept;
    throw new LockkeeperError('LedgerCorrupt', `the plan of ${id} is not the one of its hash`, {
      fix: "do not go on with it: bring the item back from the control table's point-in-time recovery",
      facts: { hash: kept.hash },
    });
  }

  async function readContent<T>(key: ItemKey, schema: z.ZodType<T>): Promise<T | undefined> {
    const item = await table.get(key);
    return item && unpack(item, schema);
  }
}

function unpack<T>(item: StoredItem, schema: z.ZodType<T>): T {
  const { content } = readItem(contentSchema, item);
  let value: unknown;
  try {
    value = decompress(content);
  } catch (error) {
    throw new LockkeeperError('LedgerCorrupt', `the content of ${String(item['pk'])} is damaged`, {
      cause: error,
      fix: 'restore the item from the table’s point-in-time recovery',
    });
  }
  return readItem(schema, { ...item, ...(value as object) });
}
