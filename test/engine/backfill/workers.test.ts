import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs } from '../../../lib/core/ids.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { adoptFence } from '../../../lib/postgres/ledger/fence.ts';
import { type Chamber, fenceOf, ms, openChamber, realClock } from './lock-chamber.ts';

const ROWS = 900;
/** Counts what really happened to a row, whatever the work says it did. */
const COUNTING_TABLE = [
  'create table items (id bigint primary key, label text, moved int not null default 0)',
  `create function count_move() returns trigger language plpgsql as
   $$ begin new.moved := old.moved + 1; return new; end $$`,
  `create trigger count_move before update of label on items
   for each row execute function count_move()`,
  `insert into items select n, 'old ' || n from generate_series(1, ${ROWS}) n`,
  'analyze items',
];
const WORK = { kind: 'update', set: { label: `'row ' || id` }, where: undefined } as const;
const WORKERS = { workers: 3, maxRows: 20 };
const DONE = { kind: 'done', rows: ROWS, quarantined: 0 };
const NO_FLAGS = { paused: false, abort: undefined };

/** Waits are not what is tested here. */
const impatient: Clock = { ...realClock, sleep: () => realClock.sleep(ms(0)) };

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(...COUNTING_TABLE);
  await pretendRows(1e6);
});
afterEach(() => chamber.close());

/** The estimate decides about workers; a test cannot have ten thousand rows for each. */
async function pretendRows(rows: number, table = 'items'): Promise<void> {
  await chamber.sql(`update pg_class set reltuples = ${rows} where oid = '${table}'::regclass`);
}

const moves = () => chamber.sql('select moved, count(*)::int from items group by 1 order by 1');
const parts = () =>
  chamber.sql(
    `select part, goal ->> 0 as goal, rows_moved::int as rows, position ->> 'kind' as position
     from lockkeeper.backfills order by part`,
  );

describe('a backfill with workers', () => {
  it('moves each row once, in as many parts of equal size', async () => {
    // WHEN
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    const outcome = await chamber.slice(step);

    // THEN
    expect(outcome).toEqual(DONE);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(await parts()).toEqual([
      { part: 0, goal: '300', rows: 300, position: 'end' },
      { part: 1, goal: '600', rows: 300, position: 'end' },
      { part: 2, goal: '900', rows: 300, position: 'end' },
    ]);
    expect(await chamber.slice(step)).toEqual(DONE);
  });

  it('tells of all of them in one progress', async () => {
    // WHEN
    await chamber.slice(await chamber.step({ work: WORK, pacing: WORKERS }));

    // THEN
    const running = chamber.reports.filter(({ state }) => state === 'running');
    expect(running[0]?.note).toMatch(/^strided by 8: .*; 3 workers; batches of \d+/);
    expect(running[0]?.rowsTotal).toBe(1e6);
    const done = running.map(({ rowsDone = 0 }) => rowsDone);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(chamber.reports.at(-1)).toMatchObject({
      state: 'done',
      rowsDone: ROWS,
      rowsTotal: ROWS,
      rowsMoved: ROWS,
      note: `${ROWS} rows changed`,
    });
    expect(chamber.reports.at(-1)?.batches?.length).toBeGreaterThan(3);
  });

  it('has as many as pay for themselves, and says why', async () => {
    await pretendRows(25_000);
    await chamber.slice(await chamber.step({ work: WORK, pacing: WORKERS }));
    expect(chamber.reports[0]?.note).toContain('2 workers, about 25000 rows need no more;');
    expect(await parts()).toHaveLength(2);
  });

  it('has one where there are fewer rows than workers', async () => {
    await chamber.sql('delete from items where id > 2; analyze items');
    const outcome = await chamber.slice(await chamber.step({ work: WORK, pacing: WORKERS }));
    expect(outcome).toMatchObject({ kind: 'done', rows: 2 });
    expect(await parts()).toMatchObject([{ part: 0, goal: '2', rows: 2 }]);
  });

  it('makes no part without rows, whatever the statistics say', async () => {
    await chamber.sql('delete from items where id > 2; analyze items');
    await pretendRows(1e6);
    const outcome = await chamber.slice(await chamber.step({ work: WORK, pacing: WORKERS }));
    expect(outcome).toMatchObject({ kind: 'done', rows: 2 });
    expect((await parts()).map(({ rows }) => rows)).toEqual([1, 1]);
  });

  it.each([
    ['a uuid', 'id uuid primary key', 'gen_random_uuid()', ''],
    ['text', 'id text primary key', `(array['Z', 'ä', 'it''s'])[1 + n % 3] || n`, ''],
    ['a composite', 'tenant text, id bigint, primary key (tenant, id)', `'t' || n % 3, n`, ''],
    ['a date', 'id date primary key', `date '1999-12-01' + n`, ''],
    ['a numeric', 'id numeric primary key', '(n - 300) / 7.0', ''],
    ['partitions', 'id int, day int, primary key (id, day)', 'n, n % 2', 'partition by list (day)'],
  ])('divides the keys of %s', async (_, columns, values, partitioned) => {
    // GIVEN
    const table = { schema: 'public', name: 'others' };
    const defaults = `moved int default 0, ${columns}`;
    await chamber.sql(`create table others (${defaults}) ${partitioned}`);
    if (partitioned !== '') {
      await chamber.sql('create table others_0 partition of others for values in (0)');
      await chamber.sql('create table others_1 partition of others for values in (1)');
    }
    const rest = `select 0, ${values} from generate_series(1, 600) n`;
    await chamber.sql(`insert into others ${rest}; analyze others`);
    for (const name of partitioned === '' ? ['others'] : ['others_0', 'others_1']) {
      await pretendRows(5e5, name);
    }

    // WHEN
    const pacing = { workers: 4, maxRows: 20 };
    const outcome = await chamber.slice(await chamber.step({ table, pacing }));

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 600, quarantined: 0 });
    expect(await chamber.sql('select distinct moved from others')).toEqual([{ moved: 1 }]);
    expect((await parts()).map(({ rows }) => rows)).toEqual([150, 150, 150, 150]);
  });

  it('divides a large table by a sample of its pages', async () => {
    // GIVEN a table of 1,000 pages
    await chamber.sql(`create table wide (id int primary key, moved int default 0, filler text)
      with (fillfactor = 10)`);
    await chamber.sql(
      `insert into wide select n, 0, repeat('x', 700) from generate_series(1, 1000) n; analyze wide`,
    );
    await pretendRows(1e6, 'wide');

    // WHEN
    const table = { schema: 'public', name: 'wide' };
    const pacing = { workers: 2, maxRows: 500 };
    const outcome = await chamber.slice(await chamber.step({ table, pacing }));

    // THEN each part has about half of it: 500 pages of 1,000 leave 4 standard deviations to 6%
    expect(outcome).toMatchObject({ kind: 'done', rows: 1_000 });
    const halves = (await parts()).map(({ rows }) => Number(rows));
    expect(halves).toHaveLength(2);
    for (const half of halves) expect(Math.abs(half - 500)).toBeLessThan(60);
  });
});

describe('workers that are interfered with', () => {
  it('move each row once when two runners work on the same parts', async () => {
    // WHEN the table is cut by two at once, each in its way
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    const outcomes = await Promise.all([
      chamber.slice(step, { clock: impatient }),
      chamber.slice({ ...step, pacing: { ...step.pacing, workers: 5 } }, { clock: impatient }),
    ]);

    // THEN
    expect(outcomes).toEqual([DONE, DONE]);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('all stop without writing when a newer runner takes over', async () => {
    // GIVEN
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    let newer: ReturnType<Chamber['slice']> | undefined;

    // WHEN
    const older = await chamber.slice(step, {
      onReport: async ({ rowsDone = 0 }) => {
        if (rowsDone < 100 || newer !== undefined) return;
        newer = adoptFence(chamber.database, fenceOf(2)).then(() =>
          chamber.slice(step, { fence: fenceOf(2) }),
        );
        await newer.then(() => undefined);
      },
    });

    // THEN
    expect(older).toEqual({ kind: 'fenced' });
    expect(await newer).toEqual(DONE);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('pause within one batch each', async () => {
    // GIVEN
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    let paused = false;
    let before = 0;
    const flags = async () => ({ ...NO_FLAGS, paused });

    // WHEN
    const first = await chamber.slice(step, {
      flags,
      onReport: ({ rowsMoved = 0 }) => {
        if (paused || rowsMoved < 100) return;
        paused = true;
        before = rowsMoved;
      },
    });

    // THEN each may have finished the batch that it was in
    expect(first).toEqual({ kind: 'wait', seconds: 10, reason: 'paused by an operator' });
    const [{ count: after } = { count: 0 }] = await chamber.sql(
      'select count(*)::int from items where moved = 1',
    );
    expect(Number(after) - before).toBeLessThanOrEqual(3 * WORKERS.maxRows);
    paused = false;
    expect(await chamber.slice(step, { flags })).toEqual(DONE);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('all stop when one of them fails, within one batch each', async () => {
    // GIVEN a row that cannot be moved, in the second part
    await chamber.sql('alter table items add check (label <> $$row 301$$)');
    const pacing = { ...WORKERS, maxRows: 10, pauseMs: ms(50) };

    // WHEN
    const outcome = await chamber.slice(await chamber.step({ work: WORK, pacing }));

    // THEN the others stood still long before their end
    expect(outcome).toMatchObject({ kind: 'failed', key: '(id)=(301)', sqlstate: '23514' });
    const rows = (await parts()).map((part) => Number(part['rows']));
    expect(Math.max(...rows)).toBeLessThan(300);
  });

  it('are all held by one look a second, and go on together', async () => {
    // GIVEN a replica that is behind, as Aurora tells it
    await chamber.sql('create table replica (lag real); insert into replica values (20000)');
    await chamber.sql(`create function aurora_replica_status(out session_id text, out replica_lag_in_msec real)
      returns setof record language sql as $$ select 'reader', lag from public.replica $$`);
    let looks = 0;
    const query: Chamber['database']['query'] = (sql, parameters) => {
      if (sql.includes('pg_blocking_pids')) looks += 1;
      return chamber.database.query(sql, parameters);
    };
    let slept = 0;
    const sleepless: Clock = {
      ...realClock,
      now: () => epochMs(Date.now() + slept),
      sleep: async (duration) => {
        slept += duration;
      },
    };
    let held = 0;

    // WHEN it has caught up after five seconds
    const outcome = await chamber.slice(await chamber.step({ work: WORK, pacing: WORKERS }), {
      database: { ...chamber.database, query },
      clock: sleepless,
      forMs: 600_000,
      onReport: async ({ state, rowsMoved }) => {
        if (state !== 'held') return;
        expect(rowsMoved).toBe(0);
        held += 1;
        if (held === 5) await chamber.sql('update replica set lag = 0');
      },
    });

    // THEN
    expect(outcome).toEqual(DONE);
    expect(held).toBe(5);
    // One when it began and one after each second; then one for each second of the work.
    expect(looks).toBeGreaterThanOrEqual(6);
    expect(looks).toBeLessThan(12);
  });

  it('abort with the words of who asked', async () => {
    const abort = { by: 'ada', reason: 'wrong table', at: 1 as never };
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    const outcome = await chamber.slice(step, { flags: async () => ({ ...NO_FLAGS, abort }) });
    expect(outcome).toEqual({ kind: 'aborted', reason: 'abort requested by ada: wrong table' });
    expect(await moves()).toEqual([{ moved: 0, count: ROWS }]);
  });

  it('share one limit for rows that are set aside', async () => {
    // GIVEN a bad row in each part
    await chamber.sql(
      'alter table items add check (label not in ($$row 7$$, $$row 307$$, $$row 607$$))',
    );
    const stepWith = (quarantineLimit: number) =>
      chamber.step({ work: WORK, pacing: { ...WORKERS, quarantineLimit } });

    // WHEN
    const outcome = await chamber.slice(await stepWith(2), { clock: impatient });

    // THEN
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('2 of 2') });
    expect(await chamber.sql('select count(*)::int from lockkeeper.quarantine')).toEqual([
      { count: 2 },
    ]);
    expect(await chamber.slice(await stepWith(3), { clock: impatient })).toEqual({
      kind: 'done',
      rows: ROWS - 3,
      quarantined: 3,
    });
    expect(await moves()).toEqual([
      { moved: 0, count: 3 },
      { moved: 1, count: ROWS - 3 },
    ]);
  });

  it('are fewer when somebody wants fewer at once, and each part is gone through all the same', async () => {
    // GIVEN three, of which one is wanted after a while
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    let tuned = false;
    let after: readonly Record<string, unknown>[] = [];

    // WHEN
    const outcome = await chamber.slice(step, {
      clock: impatient,
      flags: async () => ({ ...NO_FLAGS, ...(tuned && { tuning: { workers: 1 } }) }),
      onReport: async ({ rowsMoved = 0 }) => {
        if (!tuned && rowsMoved >= 100) {
          tuned = true;
          after = await parts();
        }
      },
    });

    // THEN all but the first stood still within one batch, until it was their turn
    expect(outcome).toEqual(DONE);
    expect(after).toHaveLength(3);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
    const order = await chamber.sql('select part from lockkeeper.backfills order by finished_at');
    expect(order.map(({ part }) => part)).toEqual([0, 1, 2]);
  });

  it('go on beside one that waits for the lock of somebody else', async () => {
    // GIVEN
    const other = await chamber.pool.connect();
    await other.query('begin');
    await other.query('select from items where id = 450 for update');
    const pacing = { ...WORKERS, targetBatchMs: ms(50) };
    const elsewhere = new Set<number>();

    // WHEN it is released after all other parts are done
    const outcome = await chamber.slice(await chamber.step({ work: WORK, pacing }), {
      onReport: async ({ note = '', rowsMoved = 0 }) => {
        elsewhere.add(rowsMoved);
        if (note.includes('2 of them done')) await other.query('commit');
      },
    });
    other.release();

    // THEN
    expect(outcome).toEqual(DONE);
    expect(Math.max(...elsewhere)).toBe(ROWS);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('outlast a lock while others have work, and then the call waits for it', async () => {
    // GIVEN a row that stays locked, and seconds that pass a hundred times as fast
    const other = await chamber.pool.connect();
    await other.query('begin');
    await other.query('select from items where id = 450 for update');
    const fast: Clock = { ...realClock, sleep: (duration) => realClock.sleep(ms(duration / 100)) };
    const pacing = { ...WORKERS, targetBatchMs: ms(50), pauseMs: ms(8_000) };
    const step = await chamber.step({ work: WORK, pacing });

    // WHEN
    const outcome = await chamber.slice(step, { clock: fast });

    // THEN
    const locked = expect.stringMatching(/^a row of "public"."items" is locked/);
    expect(outcome).toEqual({ kind: 'wait', seconds: 10, reason: locked });
    const notes = chamber.reports.map(({ note = '', state }) => `${state}: ${note}`);
    expect(notes.find((note) => note.includes('1 of them waits: a row of'))).toMatch(/^running: /);
    expect((await parts()).map(({ position }) => position === 'end')).toEqual([true, false, true]);
    await other.query('commit');
    other.release();
    expect(await chamber.slice(step, { clock: fast })).toEqual(DONE);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('get over a row that all of them write, which deadlocks them now and then', async () => {
    // GIVEN a trigger that counts into two rows, in the order of the moved ones
    await chamber.sql('create table totals (part int primary key, moved int default 0)');
    await chamber.sql('insert into totals values (0), (1)');
    await chamber.sql(`create function total() returns trigger language plpgsql as
      $$ begin update totals set moved = moved + 1 where part = new.id % 2; return null; end $$`);
    await chamber.sql(`create trigger total after update of label on items
      for each row execute function total()`);

    // WHEN
    const step = await chamber.step({ work: WORK, pacing: WORKERS });
    const outcome = await chamber.slice(step, { clock: impatient });

    // THEN
    expect(outcome).toEqual(DONE);
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(await chamber.sql('select sum(moved)::int as moved from totals')).toEqual([
      { moved: ROWS },
    ]);
  });
});
