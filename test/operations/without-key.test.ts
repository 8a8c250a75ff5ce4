import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepare } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase } from '../support/postgres.ts';

let scene: ControlScene;
beforeAll(async () => {
  scene = await controlScene();
});
afterAll(() => scene.close());

const MIGRATION = `
version: 1
title: Ratings are numbers
operations:
  - alter_column: { table: reviews, column: rating, type: integer, up: rating::integer, down: rating::text }
`;
const ROWS = 20_000;

/** A table without any key, of which each row's new value is counted when it is written. */
async function reviewsWithoutKey() {
  const fresh = await freshDatabase();
  const pool = fresh.pool();
  await pool.query('create table reviews (n int, rating text, filler text)');
  await pool.query(
    `insert into reviews select n, (n % 7)::text, repeat('x', n % 50) from generate_series(1, ${ROWS}) n`,
  );
  const database = pgDatabase({ url: fresh.url });
  const example = await inlineMigration('0001_ratings', { 'migration.yaml': MIGRATION });
  const context = await startedExecution(scene.control, example, database);
  return { fresh, pool, database, context };
}

describe('a table without a key', () => {
  it('is walked by its pages, while updates move its rows about', async () => {
    // GIVEN the table in expand
    const { fresh, pool, database, context } = await reviewsWithoutKey();
    expect(await prepare(context)).toEqual({ kind: 'done' });
    expect(await runPhase(context, 'expand')).toEqual({ kind: 'done' });
    // WHEN it is filled while a client updates rows, which moves them to other pages
    let filling = true;
    const client = (async () => {
      for (let round = 0; filling; round += 1) {
        await pool.query(
          `update reviews set filler = filler || 'yyyyyyyyyy' where n % 97 = ${round % 97}`,
        );
        await pool.query(`insert into reviews values (${ROWS + 1 + round}, '5')`);
      }
    })();
    const outcome = await runPhase(context, 'backfill');
    filling = false;
    await client;
    // THEN no row was missed, and each has its value
    expect(outcome).toEqual({ kind: 'done' });
    const { rows } = await pool.query(
      `select count(*) filter (where lk_pending)::int as pending,
              count(*) filter (where rating_lk_new is distinct from rating::int)::int as wrong from reviews`,
    );
    expect(rows).toEqual([{ pending: 0, wrong: 0 }]);
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    await database.close();
    await fresh.drop();
  }, 60_000);

  it('has its one bad row found among all', async () => {
    const { fresh, pool, database, context } = await reviewsWithoutKey();
    await pool.query(`update reviews set rating = 'four' where n = 12345`);
    expect(await prepare(context)).toEqual({ kind: 'done' });
    expect(await runPhase(context, 'expand')).toEqual({ kind: 'done' });
    // WHEN it is filled, THEN the backfill fails at that row, and names where it is
    const outcome = await runPhase(context, 'backfill');
    expect(outcome).toMatchObject({ kind: 'failed' });
    const { rows } = await pool.query(`select ctid::text as place from reviews where n = 12345`);
    expect(JSON.stringify(outcome)).toContain(String(rows[0].place));
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    await database.close();
    await fresh.drop();
  }, 60_000);
});
