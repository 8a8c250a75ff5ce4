import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleDirectory } from '../../lib/demo/saas/example-directory.ts';
import { loadSaas } from '../../lib/demo/saas/load-saas.ts';
import { finalize } from '../../lib/engine/finalize.ts';
import { prepare } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import type { WorkPhase } from '../../lib/engine/work-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import {
  type ControlScene,
  continued,
  controlScene,
  exampleMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { tableContents } from '../support/table-contents.ts';

/**
 * A process that dies leaves behind exactly what was committed. So "killed before and after every
 * step" is: stop after each commit, copy the database as it is then, and roll the copy back. Whatever
 * the moment, the copy must be what it was before the migration began.
 */
const FORWARD: readonly WorkPhase[] = ['expand', 'backfill', 'validate', 'contract'];
const SIZE = { accounts: 40, users: 60, invoices: 400, seed: 7 };

let scene: ControlScene;
let start: TestDatabase;

beforeAll(async () => {
  scene = await controlScene();
  start = await freshDatabase();
  const pool = start.pool();
  await loadSaas(pool, SIZE);
  await pool.end();
});
afterAll(async () => {
  await start.drop();
  await scene.close();
});

/** Each example on the database that the ones before it left behind. */
describe.each([
  // It has more than a hundred states: every sixth of them is copied.
  { name: '0001_add_billing', after: [], every: 6 },
  { name: '0002_billing_currency', after: ['0001_add_billing'], every: 1 },
  { name: '0003_normalized_email', after: [], every: 1 },
  { name: '0004_unique_email', after: ['0003_normalized_email'], every: 1 },
  { name: '0005_rename_full_name', after: [], every: 1 },
])('$name', ({ name, after, every }) => {
  it(
    'can be rolled back from every state that a killed process can leave behind',
    async () => {
      // GIVEN the example database, and what it is before anything happens
      const example = await exampleNamed(name, after);
      const master = await freshDatabase({ template: start.name });
      for (const earlier of after) await applyWhole(master, earlier);
      const before = await pictureOf(master);
      let states = 0;

      // WHEN the migration runs forward, and after each commit a copy is rolled back
      const commits = commitCounting(master, async (context) => {
        states += 1;
        if (states % every !== 0) return;
        const copy = await freshDatabase({ template: master.name });
        try {
          const database = pgDatabase({ url: copy.url });
          const other = continued(context, database);
          expect(await rollBack(other)).toEqual({ kind: 'done' });
          // ... and rolling back again changes nothing
          expect(await rollBack(other)).toEqual({ kind: 'done' });
          await database.close();
          // THEN schema and contents are what they were
          expect(await pictureOf(copy)).toEqual(before);
        } finally {
          await copy.drop();
        }
      });
      const context = await startedExecution(scene.control, example, commits.database);
      expect(await prepare(context)).toEqual({ kind: 'done' });
      commits.watch(context);
      for (const phase of FORWARD) {
        const outcome = await runPhase(context, phase);
        // 0002 is there to fail: its validation meets data that nobody remembered.
        if (name === '0002_billing_currency' && phase === 'validate') {
          expect(outcome).toMatchObject({ kind: 'failed' });
          break;
        }
        expect(outcome).toEqual({ kind: 'done' });
      }
      expect(states).toBeGreaterThan(0);
      if (name === '0002_billing_currency') {
        expect(await rollBack(context)).toEqual({ kind: 'done' });
        expect(await pictureOf(master)).toEqual(before);
        return;
      }
      const plan = await scene.control.getPlan(context.executionId);
      const steps = plan?.plan.steps.filter((step) => step.phase !== 'finalize').length ?? 0;
      expect(states).toBeGreaterThanOrEqual(steps);
      await commits.database.close();
      await master.drop();
    },
    10 * 60_000,
  );
});

/** An example in a project that has the examples before it too. */
async function exampleNamed(name: string, after: readonly string[] = []) {
  const folder = (one: string) => `${exampleDirectory()}/migrations/${one}`;
  const example = await exampleMigration(folder(name));
  const earlier = await Promise.all(after.map((one) => exampleMigration(folder(one))));
  const known = [...earlier.flatMap(({ source }) => source.known), ...example.source.known];
  return { ...example, source: { ...example.source, known } };
}

async function applyWhole(database: TestDatabase, name: string): Promise<void> {
  const target = pgDatabase({ url: database.url });
  const context = await startedExecution(scene.control, await exampleNamed(name), target);
  expect(await prepare(context)).toEqual({ kind: 'done' });
  for (const phase of FORWARD) expect(await runPhase(context, phase)).toEqual({ kind: 'done' });
  expect(await finalize(context)).toEqual({ kind: 'done' });
  await target.close();
}

interface Picture {
  readonly schema: string;
  readonly contents: Readonly<Record<string, readonly string[]>>;
}

async function pictureOf(database: TestDatabase): Promise<Picture> {
  const pool = database.pool();
  const session = pgDatabase({ url: database.url });
  try {
    return { schema: await fingerprint(session), contents: await tableContents(pool) };
  } finally {
    await session.close();
    await pool.end();
  }
}

type Watched = Parameters<typeof rollBack>[0];

/** A database that calls back after each committed change, with no connection of its own open. */
function commitCounting(
  master: TestDatabase,
  afterCommit: (context: Watched) => Promise<void>,
): { readonly database: Database; watch(context: Watched): void } {
  let watched: Watched | undefined;
  const connected = async <T>(work: (database: Database) => Promise<T>, commits: boolean) => {
    const target = pgDatabase({ url: master.url });
    let result: T;
    try {
      result = await work(target);
    } finally {
      await target.close();
    }
    if (commits && watched !== undefined) await afterCommit(watched);
    return result;
  };
  const database: Database = {
    query: (sql, parameters) => connected((db) => db.query(sql, parameters), false),
    execute: (sql, parameters) => connected((db) => db.execute(sql, parameters), true),
    submit: (sql) => connected((db) => db.submit(sql), true),
    transaction: (work) => connected((db) => db.transaction(work), true),
    close: async () => undefined,
  };
  return { database, watch: (context) => (watched = context) };
}
