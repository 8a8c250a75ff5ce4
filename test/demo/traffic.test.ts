import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTraffic, type Traffic } from '../../lib/demo/traffic/start-traffic.ts';
import { exampleMigration } from './support/example-migration.ts';
import { type SaasDatabase, saasDatabase } from './support/saas-database.ts';
import { sequentialRunner } from './support/sequential-runner.ts';

describe('traffic', () => {
  let database: SaasDatabase;
  let traffic: Traffic | undefined;

  beforeEach(async () => {
    database = await saasDatabase();
  });
  afterEach(async () => {
    await traffic?.stop().catch(() => undefined);
    traffic = undefined;
    await database.drop();
  });

  const start = async (versions = { old: 1, new: 0 }): Promise<Traffic> => {
    traffic = await startTraffic({
      connectionString: database.url,
      versions,
      ratePerSecond: 250,
      clients: 6,
      seed: 1,
    });
    return traffic;
  };

  it('keeps its rate and finds nothing wrong with a database that nobody changes', async () => {
    // WHEN
    const running = await start();
    await sleep(1_000);
    await running.mark('later');
    await sleep(1_000);
    const report = await running.stop();

    // THEN
    expect(report.failures).toEqual([]);
    expect(report.requests).toBeGreaterThan(400);
    expect(report.requestsByVersion).toEqual({ old: report.requests, new: 0 });
    expect(report.phases.map(({ phase }) => phase)).toEqual(['before', 'later']);
    for (const { latency } of report.phases) {
      expect(latency.p50Ms).toBeGreaterThan(0);
      expect(latency.maxMs).toBeGreaterThanOrEqual(latency.p99Ms);
    }
  });

  it('fails when the new version is on before its schema is there', async () => {
    // WHEN
    const running = await start({ old: 1, new: 1 });
    await sleep(500);
    const report = await running.stop();

    // THEN
    expect(report.failed).toBeGreaterThan(0);
    expect(report.failures.map(({ message }) => message)).toContain(
      'relation "subscriptions" does not exist',
    );
  });

  it.each([
    ['cents of invoices', 'alter table invoices disable trigger invoices_billing_update'],
    ['plans of accounts', 'alter table subscriptions disable trigger subscriptions_legacy'],
    ['payers', 'alter table accounts disable trigger accounts_billing_payer'],
  ])('fails when the versions no longer agree about %s', async (_, sabotage) => {
    // GIVEN
    const runner = sequentialRunner(database.pool, await exampleMigration('0001_add_billing'));
    await runner.apply('expand');
    await runner.apply('backfill');
    const running = await start({ old: 1, new: 1 });
    await sleep(500);
    expect((await running.stats()).failures).toEqual([]);

    // WHEN
    await database.pool.query(sabotage);
    await sleep(1_500);
    const report = await running.stop();

    // THEN
    expect(report.failed).toBeGreaterThan(0);
    expect(report.failures[0]?.message).toMatch(/expected/);
  });

  it('fails when an update of a shared invoice is lost', async () => {
    // GIVEN
    const running = await start();
    await sleep(300);

    // WHEN
    await running.pause();
    const shared = 'select min(id) from invoices where account_id = 1';
    await database.pool.query(`update invoices set amount = amount + 1 where id = (${shared})`);
    const report = await running.stop();

    // THEN
    expect(report.failures).toEqual([
      expect.objectContaining({
        operation: 'audit shared invoices',
        message: expect.stringMatching(/^shared invoice \d+ is worth \d+ cents, with all fees/),
      }),
    ]);
  });

  it('serves an account from the old version until it has been moved', async () => {
    // GIVEN
    const runner = sequentialRunner(database.pool, await exampleMigration('0001_add_billing'));
    await runner.apply('expand');

    // WHEN
    const running = await start({ old: 1, new: 1 });
    await sleep(500);
    const before = await running.stats();
    await runner.apply('backfill');
    await sleep(500);
    const report = await running.stop();

    // THEN
    expect(report.failures).toEqual([]);
    expect(before.handedToOld).toBeGreaterThan(20);
    expect(report.requestsByVersion.new).toBeGreaterThan(before.requestsByVersion.new);
  });

  it('sees how long the application waits for a lock, and behind whom', async () => {
    // GIVEN
    const running = await start();
    await running.mark('blocked');
    const client = await database.pool.connect();

    // WHEN
    await client.query(`set application_name = 'a-careless-person'`);
    await client.query('begin; lock table invoices in access exclusive mode');
    await sleep(700);
    await client.query('rollback');
    client.release();
    const report = await running.stop();

    // THEN
    expect(report.failures).toEqual([]);
    expect(report.longestLockWait).toMatchObject({ phase: 'blocked', waiter: 'app-old' });
    expect(report.longestLockWait?.lock).toMatch(/^invoices /);
    expect(report.longestLockWait?.blockedBy).toContain('a-careless-person');
    // 700 ms, less one sample and the start of the first request that is blocked.
    expect(report.longestLockWait?.waitMs).toBeGreaterThan(400);
    expect(report.phases.at(-1)?.latency.maxMs).toBeGreaterThan(500);
  });

  it('fails when its database cannot be reached', async () => {
    const unreachable = startTraffic({
      connectionString: 'postgres://nobody@127.0.0.1:1/nothing',
      versions: { old: 1, new: 0 },
      ratePerSecond: 1,
      clients: 1,
      seed: 1,
    });
    await expect(unreachable).rejects.toMatchObject({ code: 'EmbeddedRuntime' });
  });
});
