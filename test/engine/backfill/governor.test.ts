import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Database, DatabaseError } from '../../../lib/ports/database.ts';
import { sleeplessClock } from '../../support/clocks.ts';
import { type Chamber, ms, openChamber } from './lock-chamber.ts';

let chamber: Chamber;
afterEach(() => chamber.close());

describe('a target under load', () => {
  beforeEach(async () => {
    chamber = await openChamber(
      'create table items (id bigint primary key, moved int default 0)',
      'insert into items select generate_series(1, 500)',
      'analyze items',
      'create table replica (lag real)',
      'insert into replica values (0)',
      // As Aurora has it.
      `create function aurora_replica_status(out session_id text, out replica_lag_in_msec real)
       returns setof record language sql as $$ select 'reader', lag from public.replica $$`,
    );
  });

  it('holds the backfill until it is well again, and says why', async () => {
    // GIVEN
    await chamber.sql('update replica set lag = 20000');

    // WHEN the replica catches up, first a little, then enough
    let lag = 20_000;
    const outcome = await chamber.slice(await chamber.step(), {
      clock: sleeplessClock(),
      forMs: 600_000,
      onReport: async ({ state }) => {
        if (state !== 'held') return;
        lag -= 4_500;
        await chamber.sql(`update replica set lag = ${Math.max(0, lag)}`);
      },
    });

    // THEN
    expect(outcome).toMatchObject({ kind: 'done', rows: 500 });
    const held = chamber.reports.filter(({ state }) => state === 'held');
    expect(held.map(({ note }) => note?.split(';')[0])).toEqual(
      [20_000, 15_500, 11_000, 6_500].map((value) => `held: a replica is ${value} ms behind`),
    );
  });

  it('is left alone when it stays so, and the next call knows', async () => {
    // GIVEN
    await chamber.sql('update replica set lag = 20000');
    const step = await chamber.step();
    const options = { clock: sleeplessClock(), forMs: 600_000 };

    // WHEN
    const outcome = await chamber.slice(step, options);

    // THEN a value that would not start a hold continues it
    const reason = 'a replica is 20000 ms behind';
    expect(outcome).toEqual({ kind: 'wait', seconds: 10, reason });
    expect(await chamber.sql('select held_by from lockkeeper.backfills')).toEqual([
      { held_by: `replicaLag: ${reason}` },
    ]);
    await chamber.sql('update replica set lag = 5000');
    expect(await chamber.slice(step, options)).toMatchObject({ kind: 'wait' });
    await chamber.sql('update replica set lag = 100');
    expect(await chamber.slice(step, options)).toMatchObject({ kind: 'done' });
  });

  it('holds the backfill when it cannot be read', async () => {
    const { database } = chamber;
    const blind: Database = {
      ...database,
      query: async (sql, parameters) => {
        if (sql.includes('pg_stat_activity')) {
          throw new DatabaseError('resources', 'too many connections', { sqlstate: '53300' });
        }
        return await database.query(sql, parameters);
      },
    };
    const options = { database: blind, clock: sleeplessClock(), forMs: 600_000 };
    expect(await chamber.slice(await chamber.step(), options)).toEqual({
      kind: 'wait',
      seconds: 10,
      reason: 'the load of the target cannot be read',
    });
    expect(await chamber.sql('select distinct moved from items')).toEqual([{ moved: 0 }]);
  });
});

describe('a strategy that does not pay', () => {
  it('is given up for the rest of the backfill', async () => {
    // GIVEN a trigger that changes an indexed column: no update can be HOT, and no catalog says so
    chamber = await openChamber(
      'create table items (id bigint primary key, moved int default 0, touched int default 0)',
      'insert into items select generate_series(1, 24000)',
      'create index on items (touched)',
      `create function touch() returns trigger language plpgsql as
       $$ begin new.touched := old.touched + 1; return new; end $$`,
      'create trigger touch before update on items for each row execute function touch()',
      'analyze items',
    );
    // Readings are a second apart by a clock that does not wait; the statistics need a real one.
    const step = await chamber.step({ pacing: { pauseMs: ms(1_000) } });

    // WHEN
    const outcome = await chamber.slice(step, { clock: sleeplessClock(), forMs: 3_600_000 });

    // THEN
    expect(outcome).toMatchObject({ kind: 'done', rows: 24_000 });
    const strategies = new Set(chamber.reports.map(({ note }) => note?.split(';')[0]));
    expect([...strategies]).toEqual([
      'strided by 8: HOT updates spare 1 index',
      'plain ranges: striding made only 0% of the updates HOT',
      '24000 rows changed',
    ]);
    expect(await chamber.sql('select hot_strided from lockkeeper.backfills')).toEqual([
      { hot_strided: 0 },
    ]);
  });
});
