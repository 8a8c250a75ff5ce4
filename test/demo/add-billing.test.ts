import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Migration } from '../../lib/core/migration/migration.ts';
import { exampleMigration } from './support/example-migration.ts';
import { type SaasDatabase, saasDatabase } from './support/saas-database.ts';
import { FILE_PHASES, sequentialRunner } from './support/sequential-runner.ts';

describe('adding billing without traffic', () => {
  let database: SaasDatabase;
  let migration: Migration;
  beforeEach(async () => {
    database = await saasDatabase();
    migration = await exampleMigration('0001_add_billing');
  });
  afterEach(() => database.drop());

  it.each([
    ['expand', 1],
    ['backfill', 2],
    ['validate', 3],
    ['contract', 4],
  ])('leaves no trace when it is undone after %s', async (_, phases) => {
    // GIVEN
    const before = { schema: await database.schema(), data: await database.legacyData() };
    const runner = sequentialRunner(database.pool, migration);

    // WHEN
    for (const phase of FILE_PHASES.slice(0, phases)) await runner.apply(phase);
    expect(await database.schema()).not.toBe(before.schema);
    await runner.undo();

    // THEN
    expect(await database.schema()).toBe(before.schema);
    expect(await database.legacyData()).toBe(before.data);
  });

  it('ends with the billing tables, constraints and no legacy structure', async () => {
    // GIVEN
    const runner = sequentialRunner(database.pool, migration);
    const total = await database.value('select (sum(amount) * 100)::bigint from invoices');

    // WHEN
    for (const phase of FILE_PHASES) await runner.apply(phase);

    // THEN
    expect(await database.describe()).toMatchSnapshot();
    expect(await database.value('select sum(amount_cents)::bigint from invoices')).toBe(total);
  });

  it('can be undone and applied as often as one likes before finalize', async () => {
    // GIVEN
    const before = await database.schema();
    const runner = sequentialRunner(database.pool, migration);

    for (let round = 0; round < 2; round++) {
      // WHEN
      for (const phase of FILE_PHASES.slice(0, 4)) await runner.apply(phase);
      await runner.undo();

      // THEN
      expect(await database.schema()).toBe(before);
    }
  });
});
