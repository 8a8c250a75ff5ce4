import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CrewChamber, DONE, openCrewChamber, ROWS } from './crew-chamber.ts';

let chamber: CrewChamber;
beforeEach(async () => {
  chamber = await openCrewChamber();
});
afterEach(() => chamber.close());

describe('a backfill with workers', () => {
  it('moves each row once, in as many parts of equal size', async () => {
    // WHEN
    const step = await chamber.crewStep();
    const outcome = await chamber.slice(step);

    // THEN
    expect(outcome).toEqual(DONE);
    expect(await chamber.moves()).toEqual([{ moved: 1, count: ROWS }]);
    expect(await chamber.parts()).toEqual([
      { part: 0, goal: '300', rows: 300, position: 'end' },
      { part: 1, goal: '600', rows: 300, position: 'end' },
      { part: 2, goal: '900', rows: 300, position: 'end' },
    ]);
    expect(await chamber.slice(step)).toEqual(DONE);
  });

  it('tells of all of them in one progress', async () => {
    // WHEN
    await chamber.slice(await chamber.crewStep());

    // THEN
    const running = chamber.reports.filter(({ state }) => state === 'running');
    expect(running[0]?.note).toMatch(/^strided by 16: .*; 3 workers; batches of \d+/);
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
    await chamber.pretendRows(25_000);
    await chamber.slice(await chamber.crewStep());
    expect(chamber.reports[0]?.note).toContain('2 workers, about 25000 rows need no more;');
    expect(await chamber.parts()).toHaveLength(2);
  });

  it('has one where there are fewer rows than workers', async () => {
    await chamber.sql('delete from items where id > 2; analyze items');
    const outcome = await chamber.slice(await chamber.crewStep());
    expect(outcome).toMatchObject({ kind: 'done', rows: 2 });
    expect(await chamber.parts()).toMatchObject([{ part: 0, goal: '2', rows: 2 }]);
  });

  it('makes no part without rows, whatever the statistics say', async () => {
    await chamber.sql('delete from items where id > 2; analyze items');
    await chamber.pretendRows(1e6);
    const outcome = await chamber.slice(await chamber.crewStep());
    expect(outcome).toMatchObject({ kind: 'done', rows: 2 });
    expect((await chamber.parts()).map(({ rows }) => rows)).toEqual([1, 1]);
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
      await chamber.pretendRows(5e5, name);
    }

    // WHEN
    const pacing = { workers: 4, maxRows: 20 };
    const sql = 'update others set moved = moved + 1 where :range';
    const work = { kind: 'sql', sql, alias: 'others' } as const;
    const outcome = await chamber.slice(await chamber.step({ table, work, pacing }));

    // THEN
    expect(outcome).toEqual({ kind: 'done', rows: 600, quarantined: 0 });
    expect(await chamber.sql('select distinct moved from others')).toEqual([{ moved: 1 }]);
    expect((await chamber.parts()).map(({ rows }) => rows)).toEqual([150, 150, 150, 150]);
  });

  it('divides a large table by a sample of its pages', async () => {
    // GIVEN a table of 1,000 pages
    await chamber.sql(`create table wide (id int primary key, moved int default 0, filler text)
      with (fillfactor = 10)`);
    await chamber.sql(
      `insert into wide select n, 0, repeat('x', 700) from generate_series(1, 1000) n; analyze wide`,
    );
    await chamber.pretendRows(1e6, 'wide');

    // WHEN
    const table = { schema: 'public', name: 'wide' };
    const pacing = { workers: 2, maxRows: 500 };
    const outcome = await chamber.slice(await chamber.step({ table, pacing }));

    // THEN each part has about half of it: 500 pages of 1,000 leave 4 standard deviations to 6%
    expect(outcome).toMatchObject({ kind: 'done', rows: 1_000 });
    const halves = (await chamber.parts()).map(({ rows }) => Number(rows));
    expect(halves).toHaveLength(2);
    for (const half of halves) expect(Math.abs(half - 500)).toBeLessThan(60);
  });
});
