import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTraffic, type Traffic } from '../../lib/demo/traffic/start-traffic.ts';
import { exampleMigration } from './support/example-migration.ts';
import { type SaasDatabase, saasDatabase } from './support/saas-database.ts';
import { type SequentialRunner, sequentialRunner } from './support/sequential-runner.ts';

/** Long enough for a few hundred requests in each situation. */
const A_WHILE_MS = 1_000;

describe('adding billing while both versions serve traffic', () => {
  let database: SaasDatabase;
  let traffic: Traffic;
  let runner: SequentialRunner;

  beforeEach(async () => {
    database = await saasDatabase();
    runner = sequentialRunner(database.pool, await exampleMigration('0001_add_billing'));
    traffic = await startTraffic({
      connectionString: database.url,
      versions: { old: 1, new: 0 },
      ratePerSecond: 250,
      clients: 6,
      seed: 42,
    });
  });
  afterEach(async () => {
    await traffic.stop().catch(() => undefined);
    await database.drop();
  });

  it('goes forward, back from each boundary, and forward to the end with no failed request', async () => {
    const before = await database.schema();
    const forward = async (boundary: 'expand' | 'backfill' | 'validate' | 'contract') => {
      await traffic.mark(`forward to ${boundary}`);
      await runner.apply('expand');
      await sleep(A_WHILE_MS / 4);
      if (boundary === 'expand') return;
      await traffic.setShare('new', 1);
      await runner.apply('backfill');
      await sleep(A_WHILE_MS / 2);
      if (boundary === 'backfill') return;
      await runner.apply('validate');
      await sleep(A_WHILE_MS / 2);
      if (boundary === 'validate') return;
      await traffic.setShare('old', 0);
      await runner.apply('contract');
      await sleep(A_WHILE_MS / 2);
    };
    const back = async () => {
      await traffic.mark('back');
      await runner.undo(['contract']);
      await traffic.setShare('old', 1);
      await sleep(A_WHILE_MS / 4);
      await traffic.setShare('new', 0);
      await runner.undo();
      await sleep(A_WHILE_MS / 4);
    };

    for (const boundary of ['expand', 'backfill', 'validate', 'contract'] as const) {
      // WHEN
      await forward(boundary);
      await back();

      // THEN
      expect((await traffic.stats()).failures).toEqual([]);
      expect(await database.schema()).toBe(before);
    }

    // WHEN
    await forward('contract');
    await traffic.mark('finalize');
    await runner.apply('finalize');
    await sleep(A_WHILE_MS / 2);
    const report = await traffic.stop();

    // THEN
    expect(report.failures).toEqual([]);
    expect(report.failed).toBe(0);
    expect(report.requestsByVersion.new).toBeGreaterThan(200);
    expect(report.requestsByVersion.old).toBeGreaterThan(200);
    expect(report.crossVersionReads).toBeGreaterThan(20);
    expect(await database.describe()).not.toContainEqual(expect.stringMatching(/lk_old|legacy/));
  });

  it('takes the legacy data back to what it was plus what the traffic wrote', async () => {
    // GIVEN
    await runner.apply('expand');
    await traffic.setShare('new', 2);
    await runner.apply('backfill');
    await runner.apply('validate');
    await sleep(A_WHILE_MS);
    await traffic.pause();
    const written = await database.legacyData();

    // WHEN
    await traffic.setShare('new', 0);
    await runner.undo();

    // THEN
    expect(await database.legacyData()).toBe(written);
    await traffic.resume();
    await sleep(A_WHILE_MS / 2);
    const report = await traffic.stop();
    expect(report.failures).toEqual([]);
    expect(report.requestsByVersion.new).toBeGreaterThan(100);
  });
});
