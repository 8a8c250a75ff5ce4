import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import { type Chamber, openChamber, watched } from './lock-chamber.ts';

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    'create table items (id bigint primary key, moved int not null default 0)',
    'insert into items select n from generate_series(1, 12000) n',
    'analyze items',
  );
});
afterEach(() => chamber.close());

/** Runs the backfill and counts the looks along the index for where a batch ends, in statements of their own or in batches. */
async function searchesOf(change: Partial<BackfillStep> = {}): Promise<number> {
  const { database, asked } = watched(chamber.database);
  const pacing = { minRows: 100, maxRows: 100 };
  const step = await chamber.step({ ...change, pacing });
  const outcome = await chamber.slice(step, { database });
  expect(outcome).toMatchObject({ kind: 'done' });
  return asked.filter((sql) => / offset \d+ limit 1/.test(sql)).length;
}

const visits = () => chamber.sql('select moved, count(*)::int from items group by 1 order by 1');

describe('the end of a batch', () => {
  it('is counted out where most numbers are keys, once one batch has shown it', async () => {
    expect(await searchesOf()).toBeLessThanOrEqual(3);
    expect(await visits()).toEqual([{ moved: 1, count: 12_000 }]);
  });

  it('is looked for again beyond a gap, so that nobody goes through empty numbers', async () => {
    // GIVEN two dense islands, a million million numbers apart
    await chamber.sql('update items set id = id + 1000000000000 where id > 6000');

    // WHEN
    const searches = await searchesOf();

    // THEN
    expect(searches).toBeLessThan(10);
    expect(await visits()).toEqual([{ moved: 1, count: 12_000 }]);
    expect(chamber.reports.at(-1)?.batches?.length).toBeLessThan(140);
  });

  it('is looked for in sparse keys', async () => {
    await chamber.sql('update items set id = -id');
    await chamber.sql('update items set id = -id * 3');
    expect(await searchesOf()).toBeGreaterThan(10);
    expect(await visits()).toEqual([{ moved: 1, count: 12_000 }]);
  });

  it('is counted out for work with a condition as long as most rows fulfil it', async () => {
    const work = { kind: 'update', set: { moved: 'moved + 1' }, where: 'moved = 0' } as const;
    expect(await searchesOf({ work })).toBeLessThanOrEqual(3);
    expect(await visits()).toEqual([{ moved: 1, count: 12_000 }]);
    expect(chamber.reports.at(-1)).toMatchObject({ rowsDone: 12_000 });
  });

  it('is looked for where the rows that were changed are few of those that were passed', async () => {
    const work = { kind: 'update', set: { moved: 'moved + 1' }, where: 'id % 2 = 0' } as const;
    expect(await searchesOf({ work })).toBeGreaterThan(10);
    expect(await visits()).toEqual([
      { moved: 0, count: 6_000 },
      { moved: 1, count: 6_000 },
    ]);
    expect(chamber.reports.at(-1)).toMatchObject({ rowsDone: 12_000 });
  });
});
