import { describe, expect, it } from '@jest/globals';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';

const MIGRATION = `
version: 1
title: Ratings are numbers
operations:
  - alter_column: { table: reviews, column: rating, type: integer, up: rating::integer, down: rating::text }
`;
const ROWS = 20_000;

describe('a table without a key', () => {
  const scene = targetScene(
    `create table reviews (n int, rating text, filler text);
     insert into reviews select n, (n % 7)::text, repeat('x', n % 50) from generate_series(1, ${ROWS}) n`,
  );

  it('is walked by its pages, while updates move its rows about', async () => {
    // GIVEN the table in expand
    const context = await takenThrough(await scene.started(MIGRATION), ['expand']);
    // WHEN it is filled while a client updates rows, which moves them to other pages
    let filling = true;
    const client = (async () => {
      for (let round = 0; filling; round += 1) {
        await scene.query(
          `update reviews set filler = filler || 'yyyyyyyyyy' where n % 97 = ${round % 97}`,
        );
        await scene.query(`insert into reviews values (${ROWS + 1 + round}, '5')`);
      }
    })();
    const outcome = await runPhase(context, 'backfill');
    filling = false;
    await client;
    // THEN no row was missed, and each has its value
    expect(outcome).toEqual({ kind: 'done' });
    const { rows } = await scene.query(
      `select count(*) filter (where lk_pending)::int as pending,
              count(*) filter (where rating_lk_new is distinct from rating::int)::int as wrong from reviews`,
    );
    expect(rows).toEqual([{ pending: 0, wrong: 0 }]);
    expect(await rollBack(context)).toEqual({ kind: 'done' });
  }, 60_000);

  it('has its one bad row found among all', async () => {
    await scene.query(`update reviews set rating = 'four' where n = 12345`);
    const context = await takenThrough(await scene.started(MIGRATION), ['expand']);
    // WHEN it is filled, THEN the backfill fails at that row, and names where it is
    const outcome = await runPhase(context, 'backfill');
    expect(outcome).toMatchObject({ kind: 'failed' });
    const { rows } = await scene.query(`select ctid::text as place from reviews where n = 12345`);
    expect(JSON.stringify(outcome)).toContain(String(rows[0].place));
    expect(await rollBack(context)).toEqual({ kind: 'done' });
  }, 60_000);
});
