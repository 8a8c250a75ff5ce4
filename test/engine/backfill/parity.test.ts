import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Parity, ParityPair } from '../../../lib/core/backfill/parity.ts';
import { epochMs } from '../../../lib/core/ids.ts';
import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import { runParity } from '../../../lib/engine/backfill/run-parity.ts';
import type { SliceContext, SliceOutcome } from '../../../lib/engine/backfill/slice.ts';
import { type Database, DatabaseError } from '../../../lib/ports/database.ts';
import { adoptFence } from '../../../lib/postgres/ledger/fence.ts';
import { type Chamber, fenceOf, openChamber, realClock, watched } from './lock-chamber.ts';

/** More than the first range has. */
const ROWS = 25_000;
const WORK = {
  kind: 'update',
  set: { cents: 'round(amount * 100)' },
  where: 'cents is null',
} as const;
const CENTS: ParityPair = {
  name: 'cents',
  sides: { expected: 'round(amount * 100)', actual: '"cents"', column: 'cents' },
};

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, amount numeric, cents int, notes json)',
    `insert into items select n, n / 8.0 from generate_series(1, ${ROWS}) n`,
    'analyze items',
  );
});
afterEach(() => chamber.close());

async function stepWith(parity: Partial<Parity> = {}, maxRows = 10_000): Promise<BackfillStep> {
  const step = await chamber.step({ work: WORK, pacing: { maxRows } });
  return { ...step, parity: { pairs: [CENTS], onMismatch: 'stop', ...parity } };
}

function compare(step: BackfillStep, change: Partial<SliceContext> = {}): Promise<SliceOutcome> {
  return runParity(step, 'backfill', {
    database: chamber.database,
    clock: realClock,
    fence: fenceOf(1),
    until: epochMs(Date.now() + 30_000),
    flags: async () => ({ paused: false, abort: undefined }),
    report: async (progress) => {
      chamber.reports.push(progress);
    },
    ...change,
  });
}

async function filled(parity: Partial<Parity> = {}, maxRows?: number): Promise<BackfillStep> {
  const step = await stepWith(parity, maxRows);
  expect(await chamber.slice(step)).toMatchObject({ kind: 'done' });
  return step;
}

const CLEAN = { kind: 'done', rows: ROWS, quarantined: 0 };

describe('comparing old and new after a backfill', () => {
  it('counts every row, and the digests of both sides agree', async () => {
    const step = await filled();
    expect(await compare(step)).toEqual(CLEAN);
    expect(
      await chamber.sql(`select pass, rows_compared::int, rows_different::int, finished_at is not null as ended,
        digest_expected = digest_actual and digest_actual <> 0 as agree from lockkeeper.parity`),
    ).toEqual([
      { pass: 'backfill', rows_compared: ROWS, rows_different: 0, ended: true, agree: true },
    ]);
    expect(chamber.reports.at(-1)).toMatchObject({
      state: 'done',
      parity: { compared: ROWS, different: 0, repaired: 0 },
    });
  });

  it('names the rows that differ, and looks again when it is asked again', async () => {
    // GIVEN a trigger that forgot, and one value that was written wrongly
    const step = await filled();
    await chamber.sql('update items set amount = amount + 1 where id in (7, 20003)');
    await chamber.sql('update items set cents = null where id = 900');

    // WHEN
    const outcome = await compare(step);

    // THEN
    expect(outcome).toEqual({
      kind: 'failed',
      reason:
        'old and new differ in 3 rows: (id)=(7), (id)=(900), (id)=(20003) (compared: cents); correct the sync or the rows, or say in parity what differs on purpose',
    });
    await chamber.sql('update items set cents = round(amount * 100)');
    expect(await compare(step)).toEqual(CLEAN);
  });

  it('goes through dense keys in the order of their pages, without a look for where a range ends', async () => {
    // GIVEN small batches, so that there are many ranges, and one wrong row in one of the last
    const step = await filled({}, 100);
    await chamber.sql('update items set cents = 0 where id = 24321');
    const { database, asked } = watched(chamber.database);

    // WHEN
    const outcome = await compare(step, { database });

    // THEN all but the first ranges are counted out, and each says where the pass stands
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('(id)=(24321)'),
    });
    const ranges = asked.filter((sql) => sql.includes('lockkeeper_compared'));
    const byPages = ranges.filter((sql) => sql.includes('in_page_order'));
    expect(ranges.length).toBeGreaterThan(8);
    expect(ranges.length - byPages.length).toBe(2);
    expect(asked.filter((sql) => sql.includes('from lockkeeper.parity p')).length).toBeLessThan(8);
    expect(chamber.reports.at(-1)).toMatchObject({ parity: { compared: ROWS, different: 1 } });
  });

  it('looks for the end of a range again where keys are sparse, and beyond a gap', async () => {
    const step = await filled({}, 100);
    await chamber.sql('update items set id = id * 1000 where id > 12000');
    const { database, asked } = watched(chamber.database);
    expect(await compare(step, { database })).toEqual(CLEAN);
    const ranges = asked.filter((sql) => sql.includes('lockkeeper_compared'));
    expect(ranges.some((sql) => sql.includes('in_page_order'))).toBe(true);
    expect(ranges.at(-1)).not.toContain('in_page_order');
    expect(ranges.length).toBeLessThan(40);
  });

  it('reads other tables as their planner wants it', async () => {
    const sides = { ...CENTS.sides, expected: '(select round(amount * 100))' };
    const step = await filled({ pairs: [{ ...CENTS, sides }] }, 100);
    const { database, asked } = watched(chamber.database);
    expect(await compare(step, { database })).toEqual(CLEAN);
    expect(asked.some((sql) => sql.includes('in_page_order'))).toBe(false);
  });

  it('lists twenty keys and no more', async () => {
    const step = await filled();
    await chamber.sql('update items set cents = cents + 1 where id > 100');
    const outcome = await compare(step);
    expect(outcome).toMatchObject({ kind: 'failed' });
    const reason = 'reason' in outcome ? outcome.reason : '';
    expect(reason.match(/\(id\)=/g)).toHaveLength(20);
    expect(reason).toMatch(/\(id\)=\(120\) and \d+ more/);
  });

  it('moves the rows again where that is declared, until a pass is clean', async () => {
    const step = await filled({ onMismatch: 'repair' });
    await chamber.sql('update items set amount = amount + 1 where id % 2 = 0');
    expect(await compare(step)).toEqual(CLEAN);
    expect(
      await chamber.sql(
        'select attempt, rows_repaired::int, rows_different::int from lockkeeper.parity',
      ),
    ).toEqual([{ attempt: 2, rows_repaired: ROWS / 2, rows_different: 0 }]);
    expect(
      await chamber.sql('select count(*)::int from items where cents <> round(amount * 100)'),
    ).toEqual([{ count: 0 }]);
  });

  it('gives up on rows that a repair does not make right', async () => {
    const step = await filled({ onMismatch: 'repair' });
    await chamber.sql(`create function wrong() returns trigger language plpgsql as
      $$ begin new.cents := -1; return new; end $$`);
    await chamber.sql(`create trigger wrong before update on items for each row
      when (old.id = 5) execute function wrong()`);
    await chamber.sql('update items set amount = 1 where id = 5');
    expect(await compare(step)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(
        /^old and new differ in 1 row: \(id\)=\(5\), after 2 were moved again/,
      ),
    });
  });

  it('accepts a row of which the old value follows from the new one', async () => {
    // GIVEN a new application that writes more digits than the old column can say
    const pair = {
      ...CENTS,
      or: { expected: 'cents / 100.0', actual: 'amount', column: 'amount' },
    };
    const step = await filled({ pairs: [pair] });
    await chamber.sql('update items set cents = 1, amount = 0.01 where id = 1');
    await chamber.sql('update items set cents = 999, amount = 9.99 where id = 2');
    expect(await compare(step)).toEqual(CLEAN);
    await chamber.sql('update items set cents = 5 where id = 2');
    await chamber.sql('truncate lockkeeper.parity');
    expect(await compare(step)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('1 row: (id)=(2)'),
    });
  });

  it('compares a table that was filled from another one, rows that are missing there included', async () => {
    // GIVEN
    await chamber.sql('create table totals (item bigint primary key, total text)');
    const work = {
      kind: 'sql',
      alias: 'i',
      sql: `insert into totals select i.id, i.amount::text from items i where :range on conflict do nothing`,
    } as const;
    const parity: Parity = {
      pairs: [{ name: 'total', sides: { expected: 'i.amount::text', actual: 't.total' } }],
      join: 'left join totals as t on t.item = i.id',
      onMismatch: 'repair',
    };
    const step = { ...(await chamber.step({ work })), parity };
    await chamber.slice(step);
    await chamber.sql('delete from totals where item in (3, 4)');

    // WHEN the work itself brings them back
    expect(await compare(step)).toMatchObject({ kind: 'done' });

    // THEN
    expect(await chamber.sql('select count(*)::int from totals')).toEqual([{ count: ROWS }]);
  });

  it('compares types that have no equality', async () => {
    await chamber.sql(`alter table items add column doc json`);
    const work = {
      kind: 'update',
      set: { doc: `json_build_object('n', id)` },
      where: undefined,
    } as const;
    const sides = { expected: work.set.doc, actual: 'doc', column: 'doc' };
    const step = { ...(await stepWith({ pairs: [{ name: 'doc', sides }] })), work };
    await chamber.slice(step);
    expect(await compare(step)).toEqual(CLEAN);
    await chamber.sql(`update items set doc = '{}' where id = 2`);
    await chamber.sql('truncate lockkeeper.parity');
    expect(await compare(step)).toMatchObject({ kind: 'failed' });
  });

  it('walks a key of several columns, only the rows that count', async () => {
    // GIVEN
    await chamber.sql(`create table days (tenant text, day date, amount int, doubled int, kept bool,
      primary key (tenant, day))`);
    await chamber.sql(`insert into days
      select 't' || n % 7, date '2020-01-01' + n, n, null, n % 2 = 0 from generate_series(1, 21000) n`);
    const set = { doubled: 'amount * 2' };
    const work = { kind: 'update', set, where: 'kept' } as const;
    const table = { schema: 'public', name: 'days' };
    const sides = { expected: 'amount * 2', actual: 'doubled', column: 'doubled' };
    const step: BackfillStep = {
      ...(await chamber.step({ table, work, pacing: { maxRows: 10_000 } })),
      parity: { pairs: [{ name: 'doubled', sides }], where: 'kept', onMismatch: 'stop' },
    };
    await chamber.slice(step);

    // THEN
    expect(await compare(step)).toMatchObject({ kind: 'done' });
    expect(await chamber.sql('select rows_compared::int from lockkeeper.parity')).toEqual([
      { rows_compared: 10_500 },
    ]);

    // WHEN one row of each kind is wrong
    await chamber.sql('truncate lockkeeper.parity');
    await chamber.sql('update days set doubled = 0 where amount in (20001, 20002)');
    expect(await compare(step)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/differ in 1 row: \(tenant, day\)=\(t3, 2074-10-06\)/),
    });
  });

  it('leaves out rows that were set aside', async () => {
    await chamber.sql(`alter table items add check (cents <> 100 or amount > 1.2)`);
    const step = await stepWith();
    const lenient = { ...step, pacing: { ...step.pacing, quarantineLimit: 1 } };
    expect(await chamber.slice(lenient)).toMatchObject({ kind: 'done', quarantined: 1 });
    expect(await compare(lenient)).toEqual({ kind: 'done', rows: ROWS - 1, quarantined: 1 });
  });
});

describe('a pass that is interrupted', () => {
  it('goes on where it was, and counts no row twice', async () => {
    // GIVEN calls that have time for one range each, of five batches
    const step = await filled();
    await chamber.sql('update lockkeeper.backfills set batch_rows = 200');
    let outcome: SliceOutcome = { kind: 'continue' };
    let slices = 0;

    // WHEN
    while (outcome.kind === 'continue' && slices < 50) {
      let late = false;
      slices += 1;
      outcome = await compare(step, {
        clock: { ...realClock, now: () => epochMs(Date.now() + (late ? 60_000 : 0)) },
        report: async () => {
          late = true;
        },
      });
    }

    // THEN
    expect(outcome).toEqual(CLEAN);
    expect(slices).toBeGreaterThan(1);
    expect(await chamber.sql('select rows_compared::int from lockkeeper.parity')).toEqual([
      { rows_compared: ROWS },
    ]);
  });

  it('tries again with fewer rows when a statement runs into a limit', async () => {
    // GIVEN a target that ends whatever compares more than 1,000 rows
    const step = await filled();
    await chamber.sql('update lockkeeper.backfills set batch_rows = 2000');
    const limits: number[] = [];
    const limited: Database = {
      ...chamber.database,
      query: async (sql, parameters) => {
        const rows = Number(/limit (\d+)\) as "items"/.exec(sql)?.[1] ?? 0);
        if (rows > 0) limits.push(rows);
        if (rows > 1_000)
          throw new DatabaseError('cancelled', 'statement timeout', { sqlstate: '57014' });
        return await chamber.database.query(sql, parameters);
      },
    };

    // WHEN it meets the limit again each time it grew
    const outcome = await compare(step, { database: limited });

    // THEN
    expect(limits.slice(0, 3)).toEqual([10_000, 2_000, 400]);
    expect(outcome).toEqual(CLEAN);
  });

  it('says so when values cannot be compared at all', async () => {
    const step = await filled();
    const sides = { expected: 'round(amount / (id - 5))', actual: 'cents', column: 'cents' };
    const outcome = await compare({
      ...step,
      parity: { pairs: [{ name: 'cents', sides }], onMismatch: 'stop' },
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'old and new cannot be compared: division by zero',
    });
  });

  it('stops for a pause and for a newer runner', async () => {
    const step = await filled();
    expect(
      await compare(step, { flags: async () => ({ paused: true, abort: undefined }) }),
    ).toEqual({
      kind: 'wait',
      seconds: 10,
      reason: 'paused by an operator',
    });
    await adoptFence(chamber.database, fenceOf(2));
    expect(await compare(step)).toEqual({ kind: 'fenced' });
  });

  it('counts each row once when two runners compare at the same time', async () => {
    const step = await filled();
    expect(await Promise.all([compare(step), compare(step)])).toEqual([CLEAN, CLEAN]);
    expect(await chamber.sql('select rows_compared::int from lockkeeper.parity')).toEqual([
      { rows_compared: ROWS },
    ]);
  });
});
