import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Database } from '../../../lib/ports/database.ts';
import { faultScripts, untilDone } from './fault-scripts.ts';
import { type Chamber, openChamber } from './lock-chamber.ts';

const TABLE = { schema: 'public', name: 'events' };
const WORK = { kind: 'update', set: { label: `'row ' || events.id` }, where: undefined } as const;
/** Counts what really happened to a row; partitions of several levels, one empty, one in another schema. */
const SETUP = [
  `create table events (id bigint, day int, label text, moved int not null default 0, primary key (id, day))
     partition by list (day)`,
  'create schema archive',
  'create table events_0 partition of events for values in (0)',
  'create table events_1 partition of events for values in (1) partition by range (id)',
  'create table events_1_low partition of events_1 for values from (minvalue) to (150)',
  'create table events_1_high partition of events_1 for values from (150) to (maxvalue)',
  'create table archive.events_2 partition of events for values in (2)',
  'create table events_empty partition of events for values in (9)',
  `create function count_move() returns trigger language plpgsql as
   $$ begin new.moved := old.moved + 1; return new; end $$`,
  `create trigger count_move before update of label on events
   for each row execute function count_move()`,
];
const ROWS = 300;

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(...SETUP);
  await refill();
});
afterEach(() => chamber.close());

async function refill(): Promise<void> {
  await chamber.sql('truncate events, lockkeeper.backfills, lockkeeper.quarantine');
  await chamber.sql(
    `insert into events (id, day) select n, n % 3 from generate_series(1, ${ROWS}) n`,
  );
  await chamber.sql('analyze events');
}

const moves = () => chamber.sql('select moved, count(*)::int from events group by 1');
const parts = async () =>
  (
    await chamber.sql(
      'select relation, rows_moved::int as rows from lockkeeper.backfills order by part',
    )
  ).map(({ relation, rows }) => [relation, rows]);
const planned = (pacing = {}) => chamber.step({ table: TABLE, work: WORK, pacing });

/** The SQL that ran, batches included. */
function listening(database: Database, heard: string[]): Database {
  return {
    ...database,
    query: (sql, parameters) => {
      heard.push(sql);
      return database.query(sql, parameters);
    },
  };
}

describe('a partitioned table', () => {
  it('is gone through partition by partition, each row moved once', async () => {
    // WHEN
    const heard: string[] = [];
    const database = listening(chamber.database, heard);
    const outcome = await chamber.slice(await planned(), { database });

    // THEN no batch names the whole
    expect(outcome).toEqual({ kind: 'done', rows: ROWS, quarantined: 0 });
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(await parts()).toEqual([
      [{ schema: 'archive', name: 'events_2' }, 100],
      [{ schema: 'public', name: 'events_0' }, 100],
      [{ schema: 'public', name: 'events_1_high' }, 50],
      [{ schema: 'public', name: 'events_1_low' }, 50],
    ]);
    const batches = heard.filter((sql) => sql.includes('move_batch'));
    expect(batches.length).toBeGreaterThan(4);
    for (const sql of batches) expect(sql).not.toMatch(/update "public"."events" /);
  });

  it('says how many partitions are done, and when all will be', async () => {
    await chamber.slice(await planned());
    const said = chamber.reports.map(
      ({ note = '' }) => /partition by partition: (\d of \d)/.exec(note)?.[1],
    );
    expect([...new Set(said)]).toEqual(['0 of 4', '1 of 4', '2 of 4', '3 of 4', undefined]);
    const middle = chamber.reports.find(({ rowsDone = 0 }) => rowsDone > 150);
    expect(middle).toMatchObject({ rowsTotal: ROWS });
    expect(middle?.etaMs).toBeGreaterThan(0);
  });

  it('has as many workers on it as planned, each on a partition', async () => {
    const outcome = await chamber.slice(await planned({ workers: 2 }));
    expect(outcome).toEqual({ kind: 'done', rows: ROWS, quarantined: 0 });
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(chamber.reports[0]?.note).toContain('2 workers; partition by partition');
  });

  it('is moved exactly once, whatever call is lost, and wherever it is killed', async () => {
    const workers = fc.constantFrom(1, 2);
    await fc.assert(
      fc.asyncProperty(faultScripts(20, 60), workers, async (script, count) => {
        await refill();
        await untilDone(chamber, await planned({ workers: count }), script);
        expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
      }),
      { numRuns: 20 },
    );
  });

  it('goes on when a partition is dropped meanwhile', async () => {
    // GIVEN the last partition is dropped while the first is gone through
    let dropped = false;
    const outcome = await chamber.slice(await planned(), {
      onReport: async () => {
        if (dropped) return;
        dropped = true;
        await chamber.sql('drop table events_1_low');
      },
    });
    expect(outcome).toEqual({ kind: 'done', rows: ROWS - 50, quarantined: 0 });
  });

  it.each([
    [
      'the work sets what decides about the partition',
      { kind: 'update', set: { day: 'day' }, where: undefined },
    ],
    [
      'the work is SQL of its author',
      { kind: 'sql', sql: `update events set label = 'x' where :range`, alias: 'events' },
    ],
  ] as const)('is gone through as a whole where %s', async (_, work) => {
    const outcome = await chamber.slice(await chamber.step({ table: TABLE, work }));
    expect(outcome).toMatchObject({ kind: 'done', rows: ROWS });
    expect(await parts()).toEqual([[null, ROWS]]);
  });
});
