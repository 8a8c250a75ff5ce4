import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { StepId } from '../../lib/core/ids.ts';
import { compileAction } from '../../lib/core/plan/compile-action.ts';
import { hashPlan } from '../../lib/core/plan/hash.ts';
import type { Action } from '../../lib/core/plan/plan.ts';
import { NOTHING_EARLIER } from '../../lib/core/sql/catalog.ts';
import { loadParser } from '../../lib/core/sql/parser.ts';
import { claim } from '../../lib/engine/claim.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runStatement } from '../../lib/engine/steps/run-statement.ts';
import type { StatementContext, StatementJob } from '../../lib/engine/steps/statement-outcome.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { bootstrapLedger } from '../../lib/postgres/ledger/bootstrap.ts';
import { recordBegin } from '../../lib/postgres/ledger/executions.ts';
import { stepState } from '../../lib/postgres/ledger/steps.ts';
import { hastyClock } from '../support/clocks.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const MIGRATION = {
  'migration.yaml': `version: 1
title: Statements
expand:
  - id: add_column
    sql: alter table items add column note text
    undo: alter table items drop column note
`,
};

let control: ControlScene;
let target: TestDatabase;
let pool: pg.Pool;
let database: Database;
const notes: string[] = [];

beforeAll(async () => {
  control = await controlScene();
});
afterAll(() => control.close());
beforeEach(async () => {
  target = await freshDatabase();
  pool = target.pool();
  await pool.query('create table items (id bigint primary key, name text)');
  await pool.query(`insert into items select g, 'item ' || g from generate_series(1, 2000) g`);
  database = pgDatabase({ url: target.url, giveUpMs: 300 });
  notes.length = 0;
});
afterEach(async () => {
  await database.close();
  await target.drop();
});

async function scene(): Promise<StatementContext> {
  const example = await inlineMigration('0001_statements', MIGRATION);
  const context = await startedExecution(control.control, example, database);
  await bootstrapLedger(database);
  await control.control.acquireLease(context.target, context.executionId, hastyClock.now());
  const claimed = await claim(context);
  if (claimed.kind !== 'claimed') throw new Error(`expected the claim, got ${claimed.kind}`);
  await database.transaction((tx) =>
    recordBegin(tx, {
      executionId: context.executionId,
      migrationId: context.migrationId,
      checksum: example.migration.checksum,
      planHash: 'a'.repeat(64) as never,
      fingerprint: 'b'.repeat(64) as never,
    }),
  );
  return {
    ...context,
    fence: claimed.fence,
    abortRequested: async () => undefined,
    note: async (text) => void notes.push(text),
  };
}

async function actionOf(sql: string): Promise<Action> {
  const compiled = compileAction(
    { sql },
    {
      parser: await loadParser(),
      serverVersion: 18,
      timeZoneUtc: true,
      catalog: undefined,
      earlier: NOTHING_EARLIER,
    },
  );
  if (compiled.kind === 'refused') throw new Error(compiled.why);
  return compiled.action;
}

async function jobOf(sql: string, more: Partial<StatementJob> = {}): Promise<StatementJob> {
  return {
    stepId: 'a_step' as StepId,
    position: 0,
    action: await actionOf(sql),
    direction: 'act',
    mayBeAbsent: false,
    ...more,
  };
}

async function indexState(name: string): Promise<string> {
  const { rows } = await pool.query<{ valid: boolean }>(
    'select indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
    [name],
  );
  if (rows[0] === undefined) return 'absent';
  return rows[0].valid ? 'valid' : 'invalid';
}

describe('a strong lock', () => {
  it('is given up after the whole ladder, and the holder is named', async () => {
    // GIVEN somebody who reads the table in a transaction that does not end
    const context = await scene();
    const reader = await pool.connect();
    await reader.query("set application_name = 'a-long-report'");
    await reader.query('begin');
    await reader.query('select count(*) from items');
    // WHEN the step runs
    const outcome = await runStatement(context, await jobOf(MIGRATION_SQL));
    // THEN it fails, says who was in the way, and has changed nothing
    expect(outcome.kind).toBe('failed');
    expect(outcome).toMatchObject({
      reason: expect.stringMatching(
        /^AccessExclusiveLock on items was not granted in 16 attempts; held by pid \d+ of postgres \(a-long-report\), idle in transaction for \d+ s, holds AccessShareLock$/,
      ),
    });
    expect(await stepState(database, context.executionId, 'a_step' as StepId)).toBeUndefined();
    await reader.query('rollback');
    reader.release();
  }, 90_000);

  it('is granted once the holder is gone, and the wait was noted', async () => {
    const context = await scene();
    const reader = await pool.connect();
    await reader.query('begin');
    await reader.query('select count(*) from items');
    const running = runStatement(context, await jobOf(MIGRATION_SQL));
    while (notes.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await reader.query('commit');
    reader.release();
    expect(await running).toMatchObject({ kind: 'done' });
    expect(notes[0]).toContain('lock attempt 1 of 16 timed out; held by pid');
    expect(await stepState(database, context.executionId, 'a_step' as StepId)).toBe('done');
  }, 30_000);

  it('leaves nothing behind when a newer runner has taken over', async () => {
    // GIVEN a runner whose fence was raised behind its back
    const context = await scene();
    expect((await claim(context)).kind).toBe('claimed');
    // WHEN it goes on
    const outcome = await runStatement(context, await jobOf(MIGRATION_SQL));
    // THEN it stops without having written
    expect(outcome).toEqual({ kind: 'fenced' });
    const { rows } = await pool.query(
      "select from information_schema.columns where table_name = 'items' and column_name = 'note'",
    );
    expect(rows).toHaveLength(0);
  });

  it('is not taken twice for a step that is done', async () => {
    const context = await scene();
    const job = await jobOf(MIGRATION_SQL);
    expect(await runStatement(context, job)).toMatchObject({ kind: 'done' });
    expect(await runStatement(context, job)).toMatchObject({ kind: 'done' });
  });
});

describe('CREATE INDEX CONCURRENTLY', () => {
  const SQL = 'create index concurrently items_name_idx on items (name)';

  it('is followed in the catalog when it outlives its call', async () => {
    // GIVEN an old snapshot that makes the build wait longer than the call does
    const context = await scene();
    const old = await pool.connect();
    await old.query('begin isolation level repeatable read');
    await old.query('select 1');
    // WHEN the step runs, and the snapshot goes away after the call has given up
    const running = runStatement(context, await jobOf(SQL));
    while (!notes.some((note) => note.startsWith('the server still works on it'))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await old.query('commit');
    old.release();
    // THEN it is done because the catalog says so
    expect(await running).toMatchObject({ kind: 'done' });
    expect(await indexState('items_name_idx')).toBe('valid');
  }, 30_000);

  it('drops an INVALID index that its own killed try left behind, and builds again', async () => {
    // GIVEN a build that was cancelled half way
    const context = await scene();
    const old = await pool.connect();
    await old.query('begin isolation level repeatable read');
    await old.query('select 1');
    const first = runStatement({ ...context, until: hastyClock.now() }, await jobOf(SQL));
    expect((await first).kind).toMatch(/pending|out-of-time/);
    const tried = runStatement(context, await jobOf(SQL));
    await new Promise((resolve) => setTimeout(resolve, 400));
    await pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '/* lockkeeper %' and pid <> pg_backend_pid()",
    );
    await old.query('commit');
    old.release();
    // WHEN it goes on
    expect(await tried).toMatchObject({ kind: 'done' });
    // THEN the index is valid
    expect(await indexState('items_name_idx')).toBe('valid');
  }, 30_000);

  it('fails on duplicates, names the key, and leaves no INVALID index', async () => {
    await pool.query("insert into items values (9001, 'same'), (9002, 'same')");
    const context = await scene();
    const outcome = await runStatement(
      context,
      await jobOf('create unique index concurrently items_name_key on items (name)'),
    );
    expect(outcome).toMatchObject({ kind: 'failed', sqlstate: '23505' });
    expect(outcome).toMatchObject({ reason: expect.stringContaining('(name)=(same)') });
    expect(await indexState('items_name_key')).toBe('absent');
  });

  it('does not take an index for its own that was there before', async () => {
    await pool.query('create index items_name_idx on items (id)');
    const outcome = await runStatement(await scene(), await jobOf(SQL));
    expect(outcome).toMatchObject({ kind: 'failed', sqlstate: '42P07' });
    expect(await indexState('items_name_idx')).toBe('valid');
  });
});

describe('an undo', () => {
  it('finds nothing to remove after a step that never came to its end', async () => {
    const context = await scene();
    const undo = await jobOf('alter table items drop column note', {
      direction: 'undo',
      mayBeAbsent: true,
    });
    expect(await runStatement(context, undo)).toMatchObject({ kind: 'done' });
    expect(await stepState(database, context.executionId, 'a_step' as StepId)).toBe('undone');
  });

  it('fails when what a finished step made has disappeared', async () => {
    const undo = await jobOf('alter table items drop column note', { direction: 'undo' });
    expect(await runStatement(await scene(), undo)).toMatchObject({ kind: 'failed' });
  });
});

it('a rollback ends what its execution left running on the server', async () => {
  // GIVEN an index build that hangs behind an old snapshot, sent by a call that died
  const context = await scene();
  const old = await pool.connect();
  await old.query('begin isolation level repeatable read');
  await old.query('select 1');
  const sql = 'create index concurrently items_name_idx on items (name)';
  const job = await jobOf(sql);
  expect((await runStatement({ ...context, until: hastyClock.now() }, job)).kind).not.toBe('done');
  await control.control.putPlan(
    context.executionId,
    hashPlan({
      formatVersion: 1,
      migrationId: context.migrationId,
      title: 'Statements',
      checksum: 'c'.repeat(64) as never,
      serverVersion: 18,
      fingerprint: 'b'.repeat(64) as never,
      steps: [
        {
          kind: 'statement',
          stepId: 'a_step' as StepId,
          phase: 'expand',
          action: job.action,
          findings: [],
          undo: {
            kind: 'statement',
            action: await actionOf('drop index concurrently items_name_idx'),
          },
          wayBack: { kind: 'logical', loses: 'nothing' },
        },
      ],
      gates: {
        review: { kind: 'none' },
        deploy: { kind: 'none' },
        contract: { kind: 'none' },
        soak: { kind: 'none' },
      },
      snapshots: { beforeExpand: 'none', beforeContract: 'none' },
      windows: {},
    }),
  );
  // WHEN it is rolled back while the snapshot is still held
  const back = rollBack(context);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await old.query('commit');
  old.release();
  // THEN the build is gone and so is its index
  expect(await back).toEqual({ kind: 'done' });
  expect(await indexState('items_name_idx')).toBe('absent');
}, 30_000);

const MIGRATION_SQL = 'alter table items add column note text';
