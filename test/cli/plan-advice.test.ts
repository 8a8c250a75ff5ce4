import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { compileFor } from '../../lib/cli/compile-for.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { inlineMigration } from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let fresh: TestDatabase;
let pool: pg.Pool;
let database: Database;
beforeEach(async () => {
  fresh = await freshDatabase();
  pool = fresh.pool();
  database = pgDatabase({ url: fresh.url });
  await pool.query(`create table items (id bigint primary key, email text, state text, paid date);
    create index by_state on items (state);
    create index by_paid on items using brin (paid);
    create index by_email on items (lower(email)) where state <> 'gone'`);
  await pretend('items');
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

/** A table of 2 million rows to the planner. */
const pretend = (table: string) =>
  pool.query(
    `update pg_class set reltuples = 2e6, relpages = 50000 where oid = '${table}'::regclass`,
  );

const COLUMN =
  '  - {id: add, sql: alter table items add column code text, undo: alter table items drop column code}';
const fill = (column: string, table = 'items') => `
backfill:
  - {id: fill, table: ${table}, set: {${column}: upper(email)}, undo: update ${table} set email = null where false}
`;

/** What `lockkeeper plan` advises, and what stands against a start. */
async function planned(steps: string) {
  const migration = await inlineMigration('0001_try', {
    'migration.yaml': `version: 1\ntitle: try\n${steps}`,
  });
  const { conditions, obstacle } = await compileFor(database, migration);
  const advice = conditions.filter(({ severity }) => severity === 'advise');
  return { advice: advice.map(({ kind, message }) => `${kind}: ${message}`), obstacle };
}

describe('what plan advises for a backfill', () => {
  it('is room on the pages of a large table, and stands against nothing', async () => {
    const steps = `expand:\n${COLUMN}${fill('code')}`;
    expect(await planned(steps)).toEqual({
      // The BRIN index is none that HOT updates spare.
      advice: [
        'fillfactor: public.items has fillfactor 100 and 2 indexes beside its key: not each of the about 2000000 rows that backfill fill updates finds room on its page',
      ],
      obstacle: undefined,
    });
    await pool.query('alter table items set (fillfactor = 80)');
    expect((await planned(steps)).advice).toEqual([]);
  });

  it('is to make the index of the new column after the backfill', async () => {
    const index =
      "{id: look_up, sql: 'create index concurrently by_code on items (id) where code is not null', undo: drop index concurrently by_code}";
    expect((await planned(`expand:\n${COLUMN}\n  - ${index}${fill('code')}`)).advice).toEqual([
      'indexed-backfill: step look_up makes index by_code on code before backfill fill fills it: no update can be HOT, so each of about 2000000 rows of public.items gets a new entry in all 4 indexes',
    ]);
    // AND who does so is not told again
    const after = `expand:\n${COLUMN}${fill('code')}validate:\n  - ${index}\n`;
    expect((await planned(after)).advice).toEqual([expect.stringMatching(/^fillfactor: /)]);
  });

  it('names every index that has the column, in a predicate too, until the plan drops them', async () => {
    expect((await planned(fill('state'))).advice).toEqual([
      expect.stringMatching(/^indexed-backfill: backfill fill sets state, .* index by_email: /),
      expect.stringMatching(/^indexed-backfill: backfill fill sets state, .* index by_state: /),
    ]);
    const drop = (name: string) =>
      `  - {id: drop_${name}, sql: drop index concurrently ${name}, undo: create index concurrently ${name} on items (state)}\n`;
    const dropped = `expand:\n${drop('by_email')}${drop('by_state')}${fill('state')}`;
    expect((await planned(dropped)).advice).toEqual([]);
  });

  it('never is to drop what more than queries rest on', async () => {
    await pool.query('drop index by_state; create unique index one_state on items (state)');
    expect((await planned(fill('state'))).advice).toEqual([]);
  });

  it('is silent about a partitioned table: it has no pages, and its indexes go with those of its parts', async () => {
    await pool.query(`create table parts (id bigint primary key, email text, state text, note text)
        partition by range (id);
      create index on parts (email); create index on parts (state);
      create table part partition of parts for values from (0) to (9)`);
    await pretend('part');
    expect((await planned(fill('note', 'parts'))).advice).toEqual([]);
    expect((await planned(fill('state', 'parts'))).advice).toEqual([]);
    // AND so is one of them by itself
    expect((await planned(fill('state', 'part'))).advice).toEqual([]);
    expect((await planned(fill('note', 'part'))).advice).toEqual([
      expect.stringMatching(/^fillfactor: public.part has/),
    ]);
  });
});
