import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import type { StepProgress } from '../../../lib/ports/control-store.ts';
import type { Database } from '../../../lib/ports/database.ts';
import { faultScripts, untilDone } from './fault-scripts.ts';
import { type Chamber, openChamber } from './lock-chamber.ts';

const ROWS = 600;
/** Rows as wide as these are some 30 a page. Counts what really happened to a row. */
const TABLE = [
  `create table items (id uuid primary key default gen_random_uuid(), n int, label text,
     visits int not null default 0, moved int not null default 0, filler text default repeat('x', 200))
     with (autovacuum_enabled = off)`,
  `create function count_move() returns trigger language plpgsql as
   $$ begin new.moved := old.moved + 1; return new; end $$`,
  `create trigger count_move before update of label on items
   for each row execute function count_move()`,
];
const WORK = { kind: 'update', set: { label: `'row ' || n` }, where: undefined } as const;
const PLANNED = { work: WORK, repeatable: true } as const;

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(...TABLE);
  await refill();
});
afterEach(() => chamber.close());

/** Statistics of a table that is large enough for the order of its pages to matter. */
async function refill(): Promise<void> {
  await chamber.sql('truncate items, lockkeeper.backfills, lockkeeper.quarantine');
  await chamber.sql(`insert into items (n) select generate_series(1, ${ROWS})`);
  await chamber.sql('analyze items');
  await chamber.sql(
    `update pg_class set reltuples = 30 * relpages * 1000, relpages = relpages * 1000 where oid = 'items'::regclass`,
  );
}

const left = async () =>
  (
    await chamber.sql(`select count(*)::int from items where label is distinct from 'row ' || n`)
  )[0]?.['count'];
const moves = () => chamber.sql('select moved, count(*)::int from items group by 1 order by 1');
const notes = () => chamber.reports.map(({ note = '' }) => note);

/** Somebody who makes room in the first pages and updates rows of the last ones, which may go there. */
async function moveRowsToTheFront(): Promise<number> {
  await chamber.sql(`delete from items where ctid < '(3,0)' and label is not null`);
  await chamber.sql('vacuum (index_cleanup on) items');
  const moved = await chamber.sql(
    `with late as (select id from items where label is null order by ctid desc limit 40)
     update items set visits = visits + 1, filler = filler || 'y' from late where items.id = late.id
     returning items.ctid < '(3,0)' as to_the_front`,
  );
  return moved.filter((row) => row['to_the_front'] === true).length;
}

describe('a table whose key is in random order', () => {
  it('is gone through page by page, and each row is moved once', async () => {
    // WHEN
    const outcome = await chamber.slice(await chamber.step(PLANNED));

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: ROWS, quarantined: 0 });
    expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(notes()[0]).toMatch(/^page by page, as the key is in random order, strided by 8: /);
    expect(notes().at(-2)).toMatch(/^looking in one snapshot for rows that moved meanwhile/);
  });

  it('is not passed by a row that moves behind the walk', async () => {
    // GIVEN somebody who moves rows when the walk is half through
    const step = await chamber.step(PLANNED);
    let behind = 0;
    const once = async ({ rowsMoved = 0 }: StepProgress) => {
      if (behind > 0 || rowsMoved < ROWS / 2) return;
      behind = await moveRowsToTheFront();
    };

    // WHEN
    const outcome = await chamber.slice(step, { onReport: once });

    // THEN a second pass met them
    expect(outcome.kind).toBe('done');
    expect(behind).toBeGreaterThan(0);
    expect(await left()).toBe(0);
    expect((await moves()).map((row) => row['moved'])).toEqual([1]);
    expect(notes().join('\n')).toMatch(/^pass 2, page by page/m);
  });

  it('is moved exactly once, whatever call is lost, and wherever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(faultScripts(30, 100), async (script) => {
        await refill();
        await untilDone(chamber, await chamber.step(PLANNED), script);
        expect(await moves()).toEqual([{ moved: 1, count: ROWS }]);
      }),
      { numRuns: 40 },
    );
  });

  it('has its bad rows set aside by their keys, and is not kept from its end by them', async () => {
    // GIVEN two rows whose work fails, wherever it is asked for
    const step: BackfillStep = await chamber.step({
      work: {
        kind: 'update',
        set: { label: `'row ' || 600 / nullif(n, 77) / (n - 300)` },
        where: undefined,
      },
      repeatable: true,
      pacing: { quarantineLimit: 5 },
    });
    const [bad] = await chamber.sql('select id::text as id from items where n = 300');

    // WHEN
    const outcome = await chamber.slice(step);

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: ROWS - 2, quarantined: 1 });
    expect(await chamber.sql('select key, sqlstate from lockkeeper.quarantine')).toEqual([
      { key: [bad?.['id']], sqlstate: '22012' },
    ]);
  });

  it('closes in on a bad row in at most 25 more batches', async () => {
    // GIVEN a table as large as its statistics say, with and without one bad row
    const batchesFor = async (divisor: string): Promise<number> => {
      await chamber.sql('truncate items, lockkeeper.backfills');
      await chamber.sql('insert into items (n) select generate_series(1, 40000)');
      await chamber.sql('analyze items');
      let batches = 0;
      const database: Database = {
        ...chamber.database,
        query: (sql, parameters) => {
          batches += sql.includes('move_batch') ? 1 : 0;
          return chamber.database.query(sql, parameters);
        },
      };
      const set = { label: `'row ' || 600 / ${divisor}` };
      const step = await chamber.step({
        work: { kind: 'update', set, where: undefined },
        repeatable: true,
        pacing: { maxRows: 1_000, minRows: 1_000, quarantineLimit: 1 },
      });
      expect(await chamber.slice(step, { database })).toMatchObject({ kind: 'done' });
      return batches;
    };

    // WHEN
    const without = await batchesFor('1');
    const withOne = await batchesFor('(n - 23456)');

    // THEN
    expect(withOne - without).toBeLessThanOrEqual(25);
    expect(await chamber.sql('select sqlstate from lockkeeper.quarantine')).toHaveLength(1);
  });

  it('names a bad row by its key where none may be set aside', async () => {
    const [bad] = await chamber.sql('select id::text as id from items where n = 300');
    const work = {
      kind: 'update',
      set: { label: `'row ' || 600 / (n - 300)` },
      where: undefined,
    } as const;
    const outcome = await chamber.slice(await chamber.step({ work, repeatable: true }));
    expect(outcome).toMatchObject({ kind: 'failed', key: `(id)=(${bad?.['id']})` });
  });

  it('is gone through by the key where it cannot be told what is still to be done', async () => {
    const outcome = await chamber.slice(await chamber.step({ work: WORK }));
    expect(outcome).toEqual({ kind: 'done', rows: ROWS, quarantined: 0 });
    expect(notes()[0]).toMatch(/^plain ranges: the order of the key already spreads/);
  });

  it('is paused and aborted within the scan, which begins anew', async () => {
    // GIVEN a pause that comes when the pages are through
    const step = await chamber.step(PLANNED);
    const looking = () => notes().at(-1)?.startsWith('looking in one snapshot') === true;

    // WHEN
    const paused = await chamber.slice(step, {
      flags: async () => ({ paused: looking(), abort: undefined }),
    });
    const resumed = await chamber.slice(step);

    // THEN
    expect(paused).toMatchObject({ kind: 'wait', reason: 'paused by an operator' });
    expect(resumed).toEqual({ kind: 'done', rows: ROWS, quarantined: 0 });
  });
});
