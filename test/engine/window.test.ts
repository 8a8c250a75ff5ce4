import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs } from '../../lib/core/ids.ts';
import { prepare } from '../../lib/engine/prepare.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Database } from '../../lib/ports/database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const HOUR_MS = 3_600_000;
const MIGRATION = {
  'migration.yaml': `version: 1
title: Count in cents, by night
expand:
  - id: add_cents
    sql: alter table orders add column cents bigint
    undo: alter table orders drop column cents
backfill:
  - id: fill_cents
    table: orders
    set: {cents: 'round(amount * 100)'}
    where: cents is null
    batch: {min_rows: 1, max_rows: 10, pause: 10s}
windows:
  backfill: [{from: '22:00', to: '23:00'}]
`,
};

describe('a phase whose window closes while it runs', () => {
  let scene: ControlScene;
  let database: TestDatabase;
  let target: Database;
  beforeAll(async () => {
    scene = await controlScene();
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    database = await freshDatabase();
    target = pgDatabase({ url: database.url });
    await database.pool().query(
      `create table orders (id bigint primary key, amount numeric not null);
       insert into orders select i, i / 4.0 from generate_series(1, 400) i;`,
    );
  });
  afterEach(async () => {
    await target.close();
    await database.drop();
  });

  async function filled(): Promise<number> {
    const { rows } = await database
      .pool()
      .query('select count(*)::int as filled from orders where cents is not null');
    return rows[0].filled;
  }

  it('hands back, waits for the window and goes on where it was', async () => {
    // GIVEN half a minute before eleven, and a clock that only pauses move
    let at = Date.UTC(2026, 10, 22, 22, 59, 30);
    const clock: Clock = {
      now: () => epochMs(at),
      sleep: async (duration) => {
        at += duration;
      },
      random: () => 0.5,
    };
    const example = await inlineMigration('0001_cents', MIGRATION);
    const started = await startedExecution(scene.control, example, target, { clock });
    const call = () => ({ ...started, until: epochMs(at + 2 * HOUR_MS) });
    expect(await prepare(call())).toEqual({ kind: 'done' });
    expect(await runPhase(call(), 'expand')).toEqual({ kind: 'done' });

    // WHEN
    const tonight = await runPhase(call(), 'backfill');

    // THEN some rows were moved and not all, though the call had two hours
    expect(tonight).toEqual({ kind: 'continue' });
    const moved = await filled();
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(100);

    // and the next call waits
    expect(await runPhase(call(), 'backfill')).toEqual({
      kind: 'wait',
      seconds: 3_600,
      reason: 'waiting for the backfill window',
    });
    expect(await filled()).toBe(moved);

    // WHEN it is ten at night again
    at = Date.UTC(2026, 10, 23, 22, 0, 0);

    // THEN
    expect(await runPhase(call(), 'backfill')).toEqual({ kind: 'done' });
    expect(await filled()).toBe(400);
  });
});
