import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs } from '../../../lib/core/ids.ts';
import { type Chamber, ms, openChamber, realClock } from './lock-chamber.ts';

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, amount text, cents int, moved int default 0)',
    `insert into items select n, n::text from generate_series(1, 500) n`,
    'analyze items',
  );
});
afterEach(() => chamber.close());

const CONVERSION = {
  kind: 'update',
  set: { cents: 'amount::int * 100', moved: 'moved + 1' },
  where: undefined,
} as const;

async function moved(): Promise<readonly Record<string, unknown>[]> {
  return await chamber.sql(`select moved, count(*)::int from items group by 1 order by 1`);
}

describe('a row that cannot be moved', () => {
  it('fails the backfill with its key and the words of the server', async () => {
    // GIVEN
    await chamber.sql(`update items set amount = 'twelve' where id = 337`);

    // WHEN
    const outcome = await chamber.slice(await chamber.step({ work: CONVERSION }));

    // THEN
    expect(outcome).toEqual({
      kind: 'failed',
      key: '(id)=(337)',
      sqlstate: '22P02',
      reason:
        'row (id)=(337) cannot be moved (0 of 0 allowed rows are set aside): invalid input syntax for type integer: "twelve"',
    });
    expect(await moved()).toEqual([
      { moved: 0, count: 164 },
      { moved: 1, count: 336 },
    ]);
  });

  it('is set aside with its reason while the limit allows it', async () => {
    // GIVEN two rows of bad data, and one that a constraint refuses
    await chamber.sql(`update items set amount = 'twelve' where id in (1, 338)`);
    await chamber.sql(`alter table items add check (cents <> 40000)`);

    // WHEN
    const step = await chamber.step({ work: CONVERSION, pacing: { quarantineLimit: 3 } });
    const outcome = await chamber.slice(step);

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 497, quarantined: 3 });
    expect(
      await chamber.sql('select key, sqlstate from lockkeeper.quarantine order by (key->>0)::int'),
    ).toEqual([
      { key: ['1'], sqlstate: '22P02' },
      { key: ['338'], sqlstate: '22P02' },
      { key: ['400'], sqlstate: '23514' },
    ]);
    expect(await moved()).toEqual([
      { moved: 0, count: 3 },
      { moved: 1, count: 497 },
    ]);
  });

  it('is found in a strided window as well', async () => {
    // GIVEN
    await chamber.sql(`update items set amount = 'twelve' where id in (3, 250)`);
    await chamber.sql(`update pg_class set reltuples = 1e6 where oid = 'items'::regclass`);

    // WHEN
    const step = await chamber.step({ work: CONVERSION, pacing: { quarantineLimit: 2 } });
    const outcome = await chamber.slice(step);

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 498, quarantined: 2 });
    expect(chamber.reports.some(({ note }) => note?.startsWith('strided') === true)).toBe(true);
    expect(await moved()).toEqual([
      { moved: 0, count: 2 },
      { moved: 1, count: 498 },
    ]);
  });
});

describe('a row in a window that grows', () => {
  // Windows are opened in parts of 104 keys and more, so that this is in the second part of the first.
  const LATE = 168;
  const position = async () =>
    (await chamber.sql('select position from lockkeeper.backfills'))[0]?.['position'];

  beforeEach(async () => {
    await chamber.sql(`update pg_class set reltuples = 1e6 where oid = 'items'::regclass`);
  });

  it('is set aside in the part that it is in', async () => {
    // GIVEN
    await chamber.sql(`update items set amount = 'twelve' where id = ${LATE}`);
    const step = await chamber.step({ work: CONVERSION, pacing: { quarantineLimit: 1 } });

    // WHEN
    const outcome = await chamber.slice(step);

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 499, quarantined: 1 });
    expect(await moved()).toEqual([
      { moved: 0, count: 1 },
      { moved: 1, count: 499 },
    ]);
    expect(chamber.reports.at(-1)).toMatchObject({ rowsDone: 500, rowsTotal: 500 });
  });

  it('is met again by a call that finds the window growing', async () => {
    // GIVEN a call that ended right after the first part
    const step = await chamber.step({ work: CONVERSION });
    let late = false;
    await chamber.slice(step, {
      clock: { ...realClock, now: () => epochMs(Date.now() + (late ? 60_000 : 0)) },
      onReport: () => {
        late = true;
      },
    });
    expect(await position()).toMatchObject({ kind: 'opening', window: { rowsPerStride: 13 } });

    // WHEN the row is locked as long as the next call works, and free after it
    const other = await chamber.pool.connect();
    await other.query('begin');
    await other.query(`select from items where id = ${LATE} for update`);
    const held = await chamber.slice(step, { forMs: 2_000 });
    await other.query('commit');
    other.release();
    const outcome = await chamber.slice(step);

    // THEN
    expect(held.kind).not.toBe('done');
    expect(outcome).toEqual({ kind: 'done', rows: 500, quarantined: 0 });
    expect(await moved()).toEqual([{ moved: 1, count: 500 }]);
  });
});

describe('work that is wrong for every row', () => {
  it('fails at once, without looking for a row', async () => {
    const work = { kind: 'update', set: { cents: 'amuont::int' }, where: undefined } as const;
    const outcome = await chamber.slice(await chamber.step({ work }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      sqlstate: '42703',
      reason: 'column "amuont" does not exist',
    });
  });
});

describe('a row that somebody has locked', () => {
  it('holds the backfill before it, never long, and does not stop what comes after', async () => {
    // GIVEN
    const other = await chamber.pool.connect();
    await other.query('begin');
    await other.query('select from items where id = 203 for update');
    const step = await chamber.step({ work: CONVERSION, pacing: { targetBatchMs: ms(50) } });

    // WHEN it is released after everything before the row was moved
    const outcome = await chamber.slice(step, {
      onReport: async ({ rowsDone }) => {
        if (rowsDone === 202) await other.query('commit');
      },
    });
    other.release();

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 500, quarantined: 0 });
    expect(await moved()).toEqual([{ moved: 1, count: 500 }]);
  });

  it('is waited for outside when it stays locked, and its holder is named', async () => {
    // GIVEN
    const other = await chamber.pool.connect();
    await other.query(`begin; set local application_name = 'month-end report'`);
    await other.query('select from items where id = 203 for update');
    const step = await chamber.step({ work: CONVERSION, pacing: { targetBatchMs: ms(50) } });
    const clock = { now: () => Date.now() as never, sleep: async () => undefined, random: () => 0 };

    // WHEN
    const outcome = await chamber.slice(step, { clock });
    await other.query('rollback');
    other.release();

    // THEN
    expect(outcome).toMatchObject({
      kind: 'wait',
      reason: expect.stringMatching(/^a row of "public"."items" is locked .*month-end report/),
    });
    expect(await moved()).toContainEqual({ moved: 1, count: 202 });
  });
});

describe('somebody who asks to stop', () => {
  it('pauses the backfill within one batch, and it goes on where it was', async () => {
    // GIVEN
    const step = await chamber.step({ work: CONVERSION });
    let paused = false;
    const flags = async () => ({ paused, abort: undefined });

    // WHEN
    const first = await chamber.slice(step, {
      flags,
      onReport: ({ rowsDone = 0 }) => {
        paused = rowsDone >= 100;
      },
    });

    // THEN
    expect(first).toEqual({ kind: 'wait', seconds: 10, reason: 'paused by an operator' });
    expect(await moved()).toEqual([
      { moved: 0, count: 380 },
      { moved: 1, count: 120 },
    ]);
    paused = false;
    expect(await chamber.slice(step, { flags })).toMatchObject({ kind: 'done', rows: 500 });
    expect(await moved()).toEqual([{ moved: 1, count: 500 }]);
  });

  it('aborts it with the words of who asked', async () => {
    const abort = { by: 'ada', reason: 'wrong table', at: 1 as never };
    const step = await chamber.step({ work: CONVERSION });
    const outcome = await chamber.slice(step, { flags: async () => ({ paused: false, abort }) });
    expect(outcome).toEqual({ kind: 'aborted', reason: 'abort requested by ada: wrong table' });
    expect(await moved()).toEqual([{ moved: 0, count: 500 }]);
  });

  it('hands back when the time is up', async () => {
    const step = await chamber.step({ work: CONVERSION });
    expect(await chamber.slice(step, { forMs: 0 })).toEqual({ kind: 'continue' });
  });
});
