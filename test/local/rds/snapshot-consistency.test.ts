import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateDBClusterSnapshotCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ReadyCluster } from '../../../lib/local/rds/ready-cluster.ts';
import { type EmbeddedRds, MASTER, startEmbeddedRds } from './embedded-rds.ts';

const ACCOUNTS = 200;
const TOTAL = ACCOUNTS * 1_000;

/** Moves money between accounts for ever, and logs each transfer, until it is stopped. */
function startTransfers(url: string): { stop(): Promise<number> } {
  let running = true;
  let committed = 0;
  const writer = async (worker: number): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    // The end of the test file stops the server under whoever is still connected.
    client.on('error', () => undefined);
    await client.connect();
    const last = await client.query<{ n: number }>(
      'select coalesce(max(n), 0) as n from transfer where worker = $1',
      [worker],
    );
    for (let n = (last.rows[0]?.n ?? 0) + 1; running; n += 1) {
      const from = Math.trunc(Math.random() * ACCOUNTS);
      const to = (from + 1 + Math.trunc(Math.random() * (ACCOUNTS - 1))) % ACCOUNTS;
      const [first, second] = from < to ? [from, to] : [to, from];
      await client.query('begin');
      await client.query('select 1 from account where id in ($1, $2) order by id for update', [
        first,
        second,
      ]);
      await client.query('update account set balance = balance - 7 where id = $1', [from]);
      await client.query(
        'update account set balance = balance + 7, filler = repeat($2, 400) where id = $1',
        [to, String(n % 10)],
      );
      await client.query('insert into transfer (worker, n) values ($1, $2)', [worker, n]);
      await client.query('commit');
      committed += 1;
    }
    await client.end();
  };
  const workers = Promise.all([1, 2, 3].map(writer));
  return {
    stop: async () => {
      running = false;
      await workers;
      return committed;
    },
  };
}

/** What must be true of any moment of the workload; `holes` counts lost transfers in the middle. */
const INVARIANT = `
  select (select sum(balance)::int8 from account) as total,
         (select coalesce(sum(last - transfers), 0)::int8
            from (select max(n) as last, count(*) as transfers from transfer group by worker) w) as holes,
         (select count(*) from transfer) as transfers,
         (select count(*) from transfer t where not exists
            (select from transfer i where i.worker = t.worker and i.n = t.n)) as unindexed`;

describe('a snapshot of a cluster that takes writes', () => {
  let aws: EmbeddedRds;
  let origin: ReadyCluster;

  beforeAll(async () => {
    aws = await startEmbeddedRds();
    origin = await aws.rds.createReadyCluster({
      identifier: 'harbour',
      database: 'harbour',
      ...MASTER,
    });
    await aws.sql(origin, 'create table account (id int primary key, balance int, filler text)');
    await aws.sql(origin, 'create table transfer (worker int, n int, primary key (worker, n))');
    await aws.sql(
      origin,
      `insert into account select i, 1000, repeat('x', 400) from generate_series(0, ${ACCOUNTS - 1}) i`,
    );
    // Ballast, so that the copy takes long enough for many transfers.
    await aws.sql(
      origin,
      'create table ballast as select i, repeat(md5(i::text), 10) as t from generate_series(1, 120000) i',
    );
  });
  afterAll(async () => {
    await aws.stop();
    await aws.remove();
  });

  it('restores to one moment between its start and its end', async () => {
    // GIVEN
    const transfers = startTransfers(origin.url);
    await sleep(300);
    const before = Number((await aws.sql(origin, INVARIANT))?.[2]?.longValue);
    // WHEN
    const created = await aws.client.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'harbour',
        DBClusterSnapshotIdentifier: 'under-way',
      }),
    );
    expect(created.DBClusterSnapshot).toMatchObject({ Status: 'creating', PercentProgress: 0 });
    const done = await aws.snapshotDone('under-way');
    await sleep(200);
    const after = await transfers.stop();
    // THEN the snapshot says so
    expect(done).toMatchObject({ Status: 'available', PercentProgress: 100 });
    // AND a cluster restored from it holds the invariant
    await aws.client.send(
      new RestoreDBClusterFromSnapshotCommand({
        DBClusterIdentifier: 'harbour-restored',
        SnapshotIdentifier: 'under-way',
        Engine: 'aurora-postgresql',
      }),
    );
    const resourceArn = await aws.bringUp('harbour-restored');
    const [total, holes, kept, unindexed] =
      (await aws.sql({ resourceArn, secretArn: origin.secretArn }, INVARIANT)) ?? [];
    expect(total?.longValue).toBe(TOTAL);
    expect(holes?.longValue).toBe(0);
    expect(unindexed?.longValue).toBe(0);
    expect(kept?.longValue).toBeGreaterThanOrEqual(before);
    expect(kept?.longValue).toBeLessThan(after);
    // AND every page of it is sound: checksums are read on a full scan
    const arns = { resourceArn, secretArn: origin.secretArn };
    expect(await aws.sql(arns, 'select count(*) from ballast')).toEqual([{ longValue: 120_000 }]);
    // AND the origin went on
    expect((await aws.sql(origin, INVARIANT))?.[2]?.longValue).toBe(after);
  });

  it('a copy-on-write clone holds the invariant, too, and lives its own life', async () => {
    // GIVEN
    const transfers = startTransfers(origin.url);
    // WHEN
    await aws.client.send(
      new RestoreDBClusterToPointInTimeCommand({
        SourceDBClusterIdentifier: 'harbour',
        DBClusterIdentifier: 'harbour-clone',
        RestoreType: 'copy-on-write',
        UseLatestRestorableTime: true,
      }),
    );
    const resourceArn = await aws.bringUp('harbour-clone');
    await transfers.stop();
    // THEN
    const clone = { resourceArn, secretArn: origin.secretArn };
    expect(await aws.sql(clone, INVARIANT)).toMatchObject([
      { longValue: TOTAL },
      { longValue: 0 },
      {},
      { longValue: 0 },
    ]);
    await aws.sql(clone, 'drop table transfer');
    expect((await aws.sql(origin, INVARIANT))?.[0]).toEqual({ longValue: TOTAL });
  });
});
