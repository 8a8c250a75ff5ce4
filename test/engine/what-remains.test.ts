import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { finalize } from '../../lib/engine/finalize.ts';
import { finish } from '../../lib/engine/finish.ts';
import { prepare } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { ControlStore } from '../../lib/ports/control-store.ts';
import type { Database } from '../../lib/ports/database.ts';
import {
  type ExampleMigration,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { memoryControlStore } from '../support/memory-control-store.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let test: TestDatabase;
let pool: pg.Pool;
let database: Database;
let control: ControlStore;
let labels: ExampleMigration;

const written = (operations: string) => ({
  'migration.yaml': `version: 1\ntitle: Moods\nsnapshots: none\noperations:\n${operations}`,
});

beforeEach(async () => {
  test = await freshDatabase();
  pool = test.pool();
  database = pgDatabase({ url: test.url, connections: 4 });
  control = memoryControlStore();
  await pool.query(`create type mood as enum ('sad', 'happy')`);
  const people = await inlineMigration(
    '0001_people',
    written('  - create_table: { name: people, columns: [{ name: mood, type: mood }] }\n'),
  );
  const first = await startedExecution(control, people, database, { target: test.url });
  expect(await prepare(first)).toEqual({ kind: 'done' });
  expect(await runPhase(first, 'expand')).toEqual({ kind: 'done' });
  expect(await finalize(first)).toEqual({ kind: 'done' });
  await finish(first, 'succeeded');
  const second = await inlineMigration(
    '0002_labels',
    written(`  - add_enum_value: { type: mood, value: "it's fine", before: happy }\n`),
  );
  const known = [...people.source.known, ...second.source.known];
  labels = { ...second, source: { ...second.source, known } };
});
afterEach(async () => {
  await database.close();
  await test.drop();
});

/** Starts the migration that adds a label and takes it back. */
async function thereAndBack(between: () => Promise<unknown> = async () => undefined) {
  const context = await startedExecution(control, labels, database, { target: test.url });
  expect(await prepare(context)).toEqual({ kind: 'done' });
  expect(await runPhase(context, 'expand')).toEqual({ kind: 'done' });
  await between();
  expect(await rollBack(context)).toEqual({ kind: 'done' });
  await finish(context, 'rolled-back');
}

const startAgain = async () =>
  prepare(await startedExecution(control, labels, database, { target: test.url }));

describe('a label that a rollback leaves there', () => {
  it('is no drift for the next start, and the ledger says why', async () => {
    // GIVEN an enum with a label that nobody can take away
    await thereAndBack();
    // WHEN the migration is started again
    const outcome = await startAgain();
    // THEN
    expect(outcome).toEqual({ kind: 'done' });
    const { rows } = await pool.query('select accepted_by, reason from lockkeeper.baselines');
    expect(rows).toEqual([
      {
        accepted_by: expect.stringMatching(/^the rollback of 0002_labels-/),
        reason: `PostgreSQL cannot take labels away: 'it''s fine' of public.mood`,
      },
    ]);
  });

  it('hides nothing that somebody else did meanwhile', async () => {
    // GIVEN a rollback, and a column of somebody who asked nobody
    await thereAndBack(() => pool.query('alter table people add column age integer'));
    // WHEN
    const outcome = await startAgain();
    // THEN
    expect(outcome).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('drift') });
  });

  it('stays drift when it is a label of nobody’s migration', async () => {
    await thereAndBack(() => pool.query(`alter type mood add value 'furious'`));
    expect(await startAgain()).toMatchObject({ kind: 'rejected' });
  });
});
