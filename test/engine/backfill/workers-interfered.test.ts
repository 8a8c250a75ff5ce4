import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Plan } from '../../../lib/core/plan/plan.ts';
import { retryQuarantine } from '../../../lib/engine/backfill/retry-quarantine.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { adoptFence } from '../../../lib/postgres/ledger/fence.ts';
import { sleeplessClock } from '../../support/clocks.ts';
import { type CrewChamber, DONE, openCrewChamber, ROWS, WORKERS } from './crew-chamber.ts';
import { impatient } from './fault-scripts.ts';
import { fenceOf, ms, realClock } from './lock-chamber.ts';

let chamber: CrewChamber;
beforeEach(async () => {
  chamber = await openCrewChamber();
});
afterEach(() => chamber.close());

const NO_FLAGS = { paused: false, abort: undefined };

describe('workers that are interfered with', () => {
  it('move each row once when two runners work on the same parts', async () => {
    // WHEN the table is cut by two at once, each in its way
    const step = await chamber.crewStep();
    const outcomes = await Promise.all([
      chamber.slice(step, { clock: impatient }),
      chamber.slice({ ...step, pacing: { ...step.pacing, workers: 5 } }, { clock: impatient }),
    ]);

    // THEN
    expect(outcomes).toEqual([DONE, DONE]);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('all stop without writing when a newer runner takes over', async () => {
    // GIVEN
    const step = await chamber.crewStep();
    let newer: ReturnType<CrewChamber['slice']> | undefined;

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
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('pause within one batch each', async () => {
    // GIVEN
    const step = await chamber.crewStep();
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
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('all stop when one of them fails, within one batch each', async () => {
    // GIVEN a row that cannot be moved, in the second part
    await chamber.sql('alter table items add check (label <> $$row 301$$)');

    // WHEN
    const outcome = await chamber.slice(await chamber.crewStep({ maxRows: 10, pauseMs: ms(50) }));

    // THEN the others stood still long before their end
    expect(outcome).toMatchObject({ kind: 'failed', key: '(id)=(301)', sqlstate: '23514' });
    const rows = (await chamber.parts()).map((part) => Number(part['rows']));
    expect(Math.max(...rows)).toBeLessThan(300);
  });

  it('are all held by one look a second, and go on together', async () => {
    // GIVEN a replica that is behind, as Aurora tells it
    await chamber.sql('create table replica (lag real); insert into replica values (20000)');
    await chamber.sql(`create function aurora_replica_status(out session_id text, out replica_lag_in_msec real)
      returns setof record language sql as $$ select 'reader', lag from public.replica $$`);
    let looks = 0;
    const query: CrewChamber['database']['query'] = (sql, parameters) => {
      if (sql.includes('pg_blocking_pids')) looks += 1;
      return chamber.database.query(sql, parameters);
    };
    let held = 0;

    // WHEN it has caught up after five seconds
    const outcome = await chamber.slice(await chamber.crewStep(), {
      database: { ...chamber.database, query },
      clock: sleeplessClock(),
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
    const step = await chamber.crewStep();
    const outcome = await chamber.slice(step, { flags: async () => ({ ...NO_FLAGS, abort }) });
    expect(outcome).toEqual({ kind: 'aborted', reason: 'abort requested by ada: wrong table' });
    expect(await chamber.moves()).toEqual([{ moved: 0, count: ROWS }]);
  });

  it('share one limit for rows that are set aside', async () => {
    // GIVEN a bad row in each part
    await chamber.sql(
      'alter table items add check (label not in ($$row 7$$, $$row 307$$, $$row 607$$))',
    );
    const stepWith = (quarantineLimit: number) => chamber.crewStep({ quarantineLimit });

    // WHEN
    const outcome = await chamber.slice(await stepWith(2), { clock: impatient });

    // THEN no more than two are, and maybe only one, as all stop when the third is found
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('2 of 2') });
    const [aside] = await chamber.sql('select count(*)::int as rows from lockkeeper.quarantine');
    expect(aside?.['rows']).toBeLessThanOrEqual(2);
    expect(await chamber.slice(await stepWith(3), { clock: impatient })).toEqual({
      kind: 'done',
      rows: ROWS - 3,
      quarantined: 3,
    });
    expect(await chamber.moves()).toEqual([
      { moved: 0, count: 3 },
      { moved: 1, count: ROWS - 3 },
    ]);
  });

  it('have their rows in quarantine moved later, whichever part these are of', async () => {
    // GIVEN two bad rows of one part
    await chamber.sql(
      'alter table items add constraint bad check (label not in ($$row 7$$, $$row 8$$))',
    );
    const step = await chamber.crewStep({ quarantineLimit: 2 });
    expect(await chamber.slice(step, { clock: impatient })).toMatchObject({ quarantined: 2 });

    // WHEN
    await chamber.sql('alter table items drop constraint bad');
    const plan = { steps: [step] } as unknown as Plan;
    const retried = await retryQuarantine(chamber.database, fenceOf(1).executionId, plan);

    // THEN
    expect(retried.map(({ kind }) => kind)).toEqual(['moved', 'moved']);
    expect(await chamber.slice(step)).toEqual(DONE);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('are fewer when somebody wants fewer at once, and each part is gone through all the same', async () => {
    // GIVEN three, of which one is wanted after a while
    const step = await chamber.crewStep();
    let tuned = false;
    let after: readonly Record<string, unknown>[] = [];

    // WHEN
    const outcome = await chamber.slice(step, {
      clock: impatient,
      flags: async () => ({ ...NO_FLAGS, ...(tuned && { tuning: { workers: 1 } }) }),
      onReport: async ({ rowsMoved = 0 }) => {
        if (!tuned && rowsMoved >= 100) {
          tuned = true;
          after = await chamber.parts();
        }
      },
    });

    // THEN all but the first stood still within one batch, until it was their turn
    expect(outcome).toEqual(DONE);
    expect(after).toHaveLength(3);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
    const order = await chamber.sql('select part from lockkeeper.backfills order by finished_at');
    expect(order.map(({ part }) => part)).toEqual([0, 1, 2]);
  });

  it('go on beside one that waits for the lock of somebody else', async () => {
    // GIVEN
    const other = await chamber.pool.connect();
    await other.query('begin');
    await other.query('select from items where id = 450 for update');
    const elsewhere = new Set<number>();

    // WHEN it is released after all other parts are done
    const outcome = await chamber.slice(await chamber.crewStep({ targetBatchMs: ms(50) }), {
      onReport: async ({ note = '', rowsMoved = 0 }) => {
        elsewhere.add(rowsMoved);
        if (note.includes('2 of them done')) await other.query('commit');
      },
    });
    other.release();

    // THEN
    expect(outcome).toEqual(DONE);
    expect(Math.max(...elsewhere)).toBe(ROWS);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
  });

  it('outlast a lock while others have work, and then the call waits for it', async () => {
    // GIVEN rows that stay locked, and others that take their time until one worker waits
    const other = await chamber.pool.connect();
    await other.query('begin');
    await other.query('select from items where id between 301 and 600 for update');
    const PAUSE = ms(8_000);
    let seen: string | undefined;
    const patient: Clock = {
      ...realClock,
      sleep: async (duration) => {
        await realClock.sleep(ms(1));
        while (duration === PAUSE && seen === undefined) await realClock.sleep(ms(10));
      },
    };
    const step = await chamber.crewStep({ targetBatchMs: ms(50), pauseMs: PAUSE });

    // WHEN
    const outcome = await chamber.slice(step, {
      clock: patient,
      onReport: ({ note = '', state }) => {
        if (note.includes('1 of them waits: a row of')) seen ??= state;
      },
    });
    await other.query('commit');
    other.release();

    // THEN
    expect(seen).toBe('running');
    const locked = expect.stringMatching(/^a row of "public"."items" is locked/);
    expect(outcome).toEqual({ kind: 'wait', seconds: 10, reason: locked });
    expect((await chamber.parts()).map(({ rows }) => rows)).toEqual([300, 0, 300]);
    expect(await chamber.slice(step, { clock: impatient })).toEqual(DONE);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
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
    const step = await chamber.crewStep();
    const outcome = await chamber.slice(step, { clock: impatient });

    // THEN
    expect(outcome).toEqual(DONE);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(await chamber.sql('select sum(moved)::int as moved from totals')).toEqual([
      { moved: ROWS },
    ]);
  });
});
