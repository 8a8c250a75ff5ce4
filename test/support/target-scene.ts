import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type pg from 'pg';
import { type PrepareContext, prepare } from '../../lib/engine/prepare.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import type { WorkPhase } from '../../lib/engine/work-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { ControlStore } from '../../lib/ports/control-store.ts';
import type { Database } from '../../lib/ports/database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  type StartedWith,
  startedExecution,
} from './engine-scene.ts';
import { freshDatabase, type TestDatabase } from './postgres.ts';

/** What a test of the engine works on. */
export interface TargetScene {
  /** One for all tests of the file. */
  readonly control: ControlStore;
  /** This test's own database, as the product reaches it. */
  readonly target: Database;
  /** Connection string of its superuser. */
  readonly url: string;
  /** Asks it past the product, as an application or a person would. */
  query(sql: string): Promise<pg.QueryResult>;
  /** An execution of this migration.yaml, ready for prepare. */
  started(
    migration: string,
    more?: StartedWith & { readonly database?: Database },
  ): Promise<PrepareContext>;
}

/**
 * Gives each test of the file, or of the `describe` this is called in, a database of its own.
 * @param seed SQL that makes what is in it. @default - nothing
 */
export function targetScene(seed = ''): TargetScene {
  let scene: ControlScene;
  let database: TestDatabase;
  let pool: pg.Pool;
  let target: Database;
  beforeAll(async () => {
    scene = await controlScene();
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    database = await freshDatabase();
    pool = database.pool();
    await pool.query(seed);
    target = pgDatabase({ url: database.url });
  });
  afterEach(async () => {
    await target.close();
    await database.drop();
  });
  return {
    get control() {
      return scene.control;
    },
    get target() {
      return target;
    },
    get url() {
      return database.url;
    },
    query: (sql) => pool.query(sql),
    started: async (migration, more = {}) => {
      const example = await inlineMigration('0001_test', { 'migration.yaml': migration });
      return startedExecution(scene.control, example, more.database ?? target, more);
    },
  };
}

/** Prepares an execution and takes it through these phases, each of which must be done. */
export async function takenThrough(
  context: PrepareContext,
  phases: readonly WorkPhase[],
): Promise<PrepareContext> {
  expect(await prepare(context)).toEqual({ kind: 'done' });
  for (const phase of phases) expect(await runPhase(context, phase)).toEqual({ kind: 'done' });
  return context;
}
