import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IMPORTED_ACCOUNTS } from '../../lib/demo/saas/rows.ts';
import { exampleMigration } from './support/example-migration.ts';
import { type SaasDatabase, saasDatabase } from './support/saas-database.ts';
import { FailedCheck, FILE_PHASES, sequentialRunner } from './support/sequential-runner.ts';

const FURTHER = ['0003_normalized_email', '0004_unique_email', '0005_rename_full_name'];

describe('the example migrations that come after billing', () => {
  let database: SaasDatabase;
  beforeEach(async () => {
    database = await saasDatabase();
    await applyAll('0001_add_billing');
  });
  afterEach(() => database.drop());

  it('stumble over the currency of the imported accounts and go back without a trace', async () => {
    // GIVEN
    const before = await database.schema();
    const runner = await runnerOf('0002_billing_currency');
    await runner.apply('expand');
    await runner.apply('backfill');

    // WHEN
    const validation = runner.apply('validate');

    // THEN
    await expect(validation).rejects.toThrow(FailedCheck);
    await expect(validation).rejects.toThrow(
      `every_currency_is_known found [{"id":"${IMPORTED_ACCOUNTS.from}","currency_code":"EURO"}`,
    );
    await runner.undo();
    expect(await database.schema()).toBe(before);
  });

  it('go through once the imported invoices are corrected', async () => {
    // GIVEN
    await database.pool.query(`update invoices set currency = 'EUR' where currency = 'EURO'`);

    // WHEN
    await applyAll('0002_billing_currency');

    // THEN
    const known = `select count(*) from billing_accounts where currency_code = 'EUR'`;
    expect(Number(await database.value(known))).toBeGreaterThan(0);
  });

  it.each(FURTHER)('%s leaves no trace when it is undone before finalize', async (name) => {
    // GIVEN
    for (const earlier of FURTHER.slice(0, FURTHER.indexOf(name))) await applyAll(earlier);
    const before = await database.schema();
    const runner = await runnerOf(name);

    // WHEN
    for (const phase of FILE_PHASES.slice(0, 4)) await runner.apply(phase);
    await runner.undo();

    // THEN
    expect(await database.schema()).toBe(before);
  });

  it('follow each other to the end', async () => {
    // WHEN
    for (const name of FURTHER) await applyAll(name);

    // THEN
    expect(await database.describe()).toEqual(
      expect.arrayContaining([
        'column public.users.display_name: 8 text not null',
        'column public.users.normalized_email: 7 text not null',
        'constraint public.users.users_normalized_email_key: UNIQUE (normalized_email)',
      ]),
    );
  });

  async function runnerOf(name: string) {
    return sequentialRunner(database.pool, await exampleMigration(name));
  }
  async function applyAll(name: string): Promise<void> {
    const runner = await runnerOf(name);
    for (const phase of FILE_PHASES) await runner.apply(phase);
  }
});
