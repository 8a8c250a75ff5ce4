import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Chamber, openChamber } from './lock-chamber.ts';

const filled = {
  work: { kind: 'update', set: { copy: 'upper(body)' }, where: undefined },
  repeatable: true,
  pacing: { minRows: 100, maxRows: 2_000 },
} as const;

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber(
    `create table items (id bigint primary key, body text not null, filler text not null, copy text)
     with (autovacuum_enabled = off)`,
    `insert into items select n, 'body of ' || n, repeat('x', 120), null from generate_series(1, 40000) n`,
    'create index items_body on items (body)',
    'vacuum analyze items',
    'create table updates (id bigint)',
    `create function note() returns trigger language plpgsql as
       $$ begin insert into updates values (new.id); return null; end $$`,
    'create trigger note after update on items for each row execute function note()',
  );
});
afterEach(() => chamber.close());

/** What the strategy was, after each batch. */
const strides = () =>
  chamber.reports.flatMap(({ note }) => /^strided by [^;]*/.exec(note ?? '')?.[0] ?? []);
const updates = () =>
  chamber.sql('select count(*)::int as all, count(distinct id)::int as rows from updates');
/** Sessions publish their counts once a second. */
async function hotShare(rows: number): Promise<number> {
  for (;;) {
    const [row] = await chamber.sql(
      `select n_tup_hot_upd::float8 as hot, n_tup_upd::int4 as updates
       from pg_stat_user_tables where relname = 'items'`,
    );
    if (Number(row?.['updates']) >= rows) return Number(row?.['hot']) / rows;
    await chamber.sql('select pg_sleep(0.05)');
    await chamber.database.query('select 1');
  }
}

describe('strides that fit the room of a page', () => {
  it('move every row once, most of them on their page', async () => {
    const outcome = await chamber.slice(await chamber.step(filled));

    expect(outcome).toMatchObject({ kind: 'done', rows: 40_000 });
    expect(await updates()).toEqual([{ all: 40_000, rows: 40_000 }]);
    expect(strides().at(-1)).toMatch(
      /^strided by \d+, [\d ]+ rows of a page: HOT updates spare 1 index/,
    );
    expect(await hotShare(40_000)).toBeGreaterThan(0.75);
  });

  it('go on where a call ended, and with equal ones where keys become sparse', async () => {
    // GIVEN numbers that get a thousand times as large in the middle
    await chamber.sql('update items set id = id * 1000 where id > 20000');
    await chamber.sql('truncate updates');
    await chamber.sql('vacuum full analyze items');
    const step = await chamber.step(filled);

    // WHEN calls are cut short
    let outcome = await chamber.slice(step, { forMs: 20 });
    for (let call = 0; outcome.kind === 'continue' && call < 500; call += 1) {
      outcome = await chamber.slice(step, { forMs: 20 });
    }

    // THEN
    expect(outcome).toMatchObject({ kind: 'done', rows: 40_000 });
    expect(await updates()).toEqual([{ all: 40_000, rows: 40_000 }]);
    expect(strides().some((strategy) => strategy.includes('rows of a page'))).toBe(true);
    expect(strides().at(-1)).toBe('strided by 8: HOT updates spare 1 index');
  });
});
