import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Chamber, fenceOf, openChamber, stepOf } from './lock-chamber.ts';

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int default 0)',
    'insert into items select generate_series(1, 500)',
    'analyze items',
  );
});
afterEach(() => chamber.close());

describe('runBackfillSlice', () => {
  it('passes over rows that need no work', async () => {
    await chamber.sql('update items set moved = 1 where id % 5 <> 0');
    const work = { kind: 'update', set: { moved: 'moved + 1' }, where: 'moved = 0' } as const;
    const outcome = await chamber.slice(await chamber.step({ work }));
    expect(outcome).toEqual({ kind: 'done', rows: 100, quarantined: 0 });
    expect(await chamber.sql('select distinct moved from items')).toEqual([{ moved: 1 }]);
  });

  it('copies rows into another table, never striding', async () => {
    // GIVEN
    await chamber.sql('create table copies (id bigint, source text)');
    const sql = `insert into copies (id, source) select i.id, ':range' from items i where :range;`;

    // WHEN
    const outcome = await chamber.slice(
      await chamber.step({ work: { kind: 'sql', sql, alias: 'i' } }),
    );

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 500, quarantined: 0 });
    expect(
      await chamber.sql('select count(*)::int, count(distinct id)::int as ids from copies'),
    ).toEqual([{ count: 500, ids: 500 }]);
    expect(chamber.reports[0]?.note).toMatch(/^plain ranges: the walked table itself is not/);
  });

  it('updates through a join, with the range on the alias of the walked table', async () => {
    await chamber.sql('create table prices (item_id bigint primary key, price int)');
    await chamber.sql('insert into prices select id, id * 2 from items');
    const sql = `with active as (select * from prices where price > 0)
      update items as "The Item" set moved = p.price from active p
      where p.item_id = "The Item".id and :range`;
    const work = { kind: 'sql', sql, alias: '"The Item"' } as const;
    expect(await chamber.slice(await chamber.step({ work }))).toMatchObject({ rows: 500 });
    expect(await chamber.sql('select count(*)::int from items where moved = id * 2')).toEqual([
      { count: 500 },
    ]);
  });

  it('deletes rows under its own feet', async () => {
    const work = { kind: 'sql', sql: 'delete from items where :range', alias: 'items' } as const;
    expect(await chamber.slice(await chamber.step({ work }))).toMatchObject({ rows: 500 });
    expect(await chamber.sql('select count(*)::int from items')).toEqual([{ count: 0 }]);
  });

  it('is done at once with an empty table, and done again when asked again', async () => {
    await chamber.sql('truncate items');
    const step = await chamber.step();
    const done = { kind: 'done', rows: 0, quarantined: 0 };
    expect(await chamber.slice(step)).toEqual(done);
    expect(await chamber.slice(step)).toEqual(done);
  });

  it('walks a partitioned table by the key of the parent', async () => {
    // GIVEN
    const table = { schema: 'public', name: 'events' };
    await chamber.sql(`create table events (id int, day date, moved int default 0, primary key (id, day))
      partition by range (day)`);
    await chamber.sql(
      `create table events_1 partition of events for values from (minvalue) to ('2024-07-01')`,
    );
    await chamber.sql(
      `create table events_2 partition of events for values from ('2024-07-01') to (maxvalue)`,
    );
    await chamber.sql(
      `insert into events select n, date '2024-01-01' + n from generate_series(1, 360) n`,
    );

    // WHEN
    const outcome = await chamber.slice(await chamber.step({ table }));

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 360, quarantined: 0 });
    expect(await chamber.sql('select distinct moved from events')).toEqual([{ moved: 1 }]);
  });

  it('walks tables whose names need quotes', async () => {
    const table = { schema: 'Sales "EU"', name: 'Order' };
    await chamber.sql(`create schema "Sales ""EU"""`);
    await chamber.sql(
      `create table "Sales ""EU"""."Order" ("Id" int primary key, moved int default 0)`,
    );
    await chamber.sql(`insert into "Sales ""EU"""."Order" select generate_series(1, 50)`);
    expect(await chamber.slice(await chamber.step({ table }))).toMatchObject({ rows: 50 });
  });

  it('refuses a table without a usable key, and one that is not there', async () => {
    await chamber.sql('create table heap (id int)');
    const step = (name: string) =>
      stepOf([{ name: 'id', type: 'integer' }], { table: { schema: 'public', name } });
    expect(await chamber.slice(step('heap'))).toEqual({
      kind: 'failed',
      reason:
        'table "public"."heap" has no primary key and no unique index over NOT NULL columns: add one before the backfill',
    });
    expect(await chamber.slice(step('nowhere'))).toMatchObject({
      kind: 'failed',
      reason: 'table "public"."nowhere" does not exist',
    });
  });

  it('writes nothing without the fence', async () => {
    expect(await chamber.slice(await chamber.step(), { fence: fenceOf(7) })).toEqual({
      kind: 'fenced',
    });
    expect(await chamber.sql('select count(*)::int from lockkeeper.backfills')).toEqual([
      { count: 0 },
    ]);
  });

  it.each([{ estimate: 500 }, { estimate: 1e6 }])(
    'has walked every key once at the end of a table estimated at $estimate rows, though few needed work',
    async ({ estimate }) => {
      // GIVEN a table that ends in the middle of a batch and, when it is strided, of a window
      await chamber.sql('update items set moved = 1 where id % 5 <> 0');
      await chamber.sql(
        `update pg_class set reltuples = ${estimate} where oid = 'items'::regclass`,
      );
      const work = { kind: 'update', set: { moved: '1' }, where: 'moved = 0' } as const;

      // WHEN
      const outcome = await chamber.slice(await chamber.step({ work }));

      // THEN
      expect(outcome).toEqual({ kind: 'done', rows: 100, quarantined: 0 });
      expect(chamber.reports[0]?.note).toMatch(estimate === 500 ? /^plain/ : /^strided by 8/);
      expect(chamber.reports.at(-1)).toMatchObject({ rowsDone: 500, rowsTotal: 500 });
    },
  );

  it('reports how far it is, how long it takes and why it goes so', async () => {
    await chamber.slice(await chamber.step());
    const middle = chamber.reports.at(-4);
    expect(middle).toMatchObject({ kind: 'backfill', state: 'running', rowsTotal: 500 });
    expect(middle?.rowsDone).toBeGreaterThan(100);
    const { etaMs = -1, etaEarliestMs = -1, etaLatestMs = -1 } = middle ?? {};
    expect(etaEarliestMs).toBeGreaterThanOrEqual(0);
    expect(etaMs).toBeGreaterThanOrEqual(etaEarliestMs);
    expect(etaLatestMs).toBeGreaterThanOrEqual(etaMs);
    expect(middle?.note).toMatch(
      /^plain ranges: about 500 rows need no striding; batches of 40 rows, the last took \d+ ms/,
    );
    expect(chamber.reports.at(-1)).toMatchObject({
      state: 'done',
      rowsDone: 500,
      rowsTotal: 500,
      note: '500 rows changed',
    });
  });
});
