import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import { loadSources } from '../../../lib/postgres/backfill/load-sources.ts';
import { readTableLoad } from '../../../lib/postgres/backfill/table-load.ts';
import { type Chamber, openChamber } from '../../engine/backfill/lock-chamber.ts';

const ITEMS = { schema: 'public', name: 'items' };
const STREAMING = { replicas: 'streaming', archive: 'none' } as const;
const TAG = 'lockkeeper 0001_fill-abcd fill';

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, a int)',
    'insert into items select generate_series(1, 100)',
  );
});
afterEach(() => chamber.close());

describe('readTableLoad', () => {
  it('sees who waits for our sessions, and not who waits for others', async () => {
    // GIVEN one of ours and one of somebody else, each with somebody waiting behind it
    const [ours, other] = [await chamber.pool.connect(), await chamber.pool.connect()];
    await ours.query('begin');
    await ours.query(`/* ${TAG} */ update items set a = 1 where id = 1`);
    await other.query('begin; update items set a = 1 where id = 2');
    const waiting = [1, 2].map((id) => chamber.sql(`update items set a = 2 where id = ${id}`));
    await new Promise((resolve) => setTimeout(resolve, 100));

    // WHEN
    const load = await readTableLoad(chamber.database, ITEMS, TAG, STREAMING);

    // THEN
    expect(load.signals).toMatchObject({
      waitingForUs: 1,
      replicaLag: 0,
      wraparoundVacuum: 0,
      archiveBacklog: 'absent',
    });
    expect(load.seesOthers).toBe(true);
    expect(load.signals.oldestSnapshot).toBeGreaterThan(0);
    await ours.query('rollback');
    await other.query('rollback');
    await Promise.all(waiting);
    ours.release();
    other.release();
  });

  it('counts updates and HOT updates, over all partitions', async () => {
    await chamber.sql(`create table parts (id int primary key, a int) partition by range (id)`);
    await chamber.sql('create table parts_1 partition of parts for values from (0) to (1000)');
    await chamber.sql('insert into parts select generate_series(1, 10)');
    await chamber.sql(
      'update parts set a = 1; update items set a = 1; select pg_stat_force_next_flush()',
    );
    const deadline = Date.now() + 10_000;
    for (const name of ['parts', 'items']) {
      const read = () => readTableLoad(chamber.database, { ...ITEMS, name }, TAG, STREAMING);
      let load = await read();
      while (load.updates === 0 && Date.now() < deadline) load = await read();
      expect(load.updates).toBe(name === 'parts' ? 10 : 100);
      expect(load.hotUpdates).toBeLessThanOrEqual(load.updates);
    }
  });

  it('counts the connections of all for a role that may not see them, and says what it does not know', async () => {
    // GIVEN
    const url = new URL(chamber.url);
    url.username = `app_${process.pid}`;
    url.password = 'app';
    await chamber.sql(`create role ${url.username} login password 'app'`);
    const app = pgDatabase({ url: url.href });
    const idle = await Promise.all([1, 2, 3].map(() => chamber.pool.connect()));

    // WHEN
    try {
      const blind = await readTableLoad(app, ITEMS, TAG, STREAMING);
      const seen = await readTableLoad(chamber.database, ITEMS, TAG, STREAMING);

      // THEN
      expect(blind.seesOthers).toBe(false);
      expect(blind.signals).toMatchObject({
        waitingForUs: 'pending',
        oldestSnapshot: 'pending',
        wraparoundVacuum: 'pending',
      });
      expect(Number(blind.signals.connections)).toBeGreaterThan(3);
      const difference = Number(blind.signals.connections) - Number(seen.signals.connections);
      expect(Math.abs(difference)).toBeLessThan(3);
    } finally {
      for (const client of idle) client.release();
      await app.close();
      await chamber.sql(`drop role ${url.username}`);
    }
  });

  it('knows how much of the table is dead, also when the server has forgotten what lives', async () => {
    // GIVEN
    await chamber.sql('analyze items');
    await chamber.sql('select pg_stat_reset_single_table_counters($$items$$::regclass)');
    await chamber.sql('update items set a = 2 where id <= 50; select pg_stat_force_next_flush()');

    // THEN 50 dead among 150, where a count of live rows from nothing would say all
    const deadline = Date.now() + 10_000;
    const read = () => readTableLoad(chamber.database, ITEMS, TAG, STREAMING);
    let { signals } = await read();
    while (signals.deadRows === 0 && Date.now() < deadline) ({ signals } = await read());
    expect(signals.deadRows).toBeCloseTo(100 / 3, 1);
  });

  it('reads the lag of Aurora replicas where there are any', async () => {
    // GIVEN
    expect(await loadSources(chamber.database)).toEqual(STREAMING);
    await chamber.sql(`create function aurora_replica_status(out session_id text, out replica_lag_in_msec real)
      returns setof record language sql as
      $$ values ('MASTER_SESSION_ID'::text, 99999::real), ('a1', 20), ('b2', 3500) $$`);

    // THEN
    expect(await loadSources(chamber.database)).toMatchObject({ replicas: 'aurora' });
    const load = await readTableLoad(
      chamber.database,
      ITEMS,
      TAG,
      await loadSources(chamber.database),
    );
    expect(load.signals.replicaLag).toBe(3_500);
  });
});
