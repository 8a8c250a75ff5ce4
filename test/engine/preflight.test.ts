import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { prepare } from '../../lib/engine/prepare.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let scene: ControlScene;
let fresh: TestDatabase;
let pool: pg.Pool;
let database: Database;

beforeAll(async () => {
  scene = await controlScene();
});
afterAll(() => scene.close());
beforeEach(async () => {
  fresh = await freshDatabase();
  pool = fresh.pool();
  database = pgDatabase({ url: fresh.url });
  await pool.query(`create table accounts (id int primary key, email text, boss int);
    insert into accounts values (1, 'ada', null), (2, 'ada', 9), (3, null, 1)`);
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

/** What prepare said of the target, and how it ended. */
async function prepared(steps: string) {
  const example = await inlineMigration('0001_try', {
    'migration.yaml': `version: 1\ntitle: try\n${steps}`,
  });
  const context = await startedExecution(scene.control, example, database);
  const outcome = await prepare(context);
  const events = await scene.control.listAudit(context.executionId);
  const warnings = events
    .filter(({ kind }) => kind === 'TargetWarned')
    .map(({ facts, reason }) => `${facts?.['condition']}: ${reason}`);
  return { outcome, warnings };
}

describe('data that would fail a constraint', () => {
  it('is found when the migration is prepared, days before the step', async () => {
    const { outcome, warnings } = await prepared(`
expand:
  - id: unique_email
    sql: create unique index concurrently accounts_email on accounts (email)
    undo: drop index concurrently accounts_email
validate:
  - id: boss
    sql: alter table accounts add constraint boss foreign key (boss) references accounts (id) not valid
    undo: alter table accounts drop constraint boss
  - id: email_known
    sql: alter table accounts add constraint known check (email is not null) not valid
    undo: alter table accounts drop constraint known
`);
    expect(outcome).toEqual({ kind: 'done' });
    expect(warnings).toEqual([
      'duplicates: step unique_email would fail: accounts has several rows with the same (email)',
      'orphans: step boss would fail: accounts has rows whose (boss) is not in accounts',
      'nulls: step email_known would fail: accounts has rows in which email is NULL',
    ]);
  });

  it('is not looked for where the migration makes or fills the column', async () => {
    const { warnings } = await prepared(`
expand:
  - { id: add, sql: alter table accounts add column code text, undo: alter table accounts drop column code }
backfill:
  - { id: fill, table: accounts, set: { email: id::text }, undo: update accounts set email = null where false }
validate:
  - id: email_known
    sql: alter table accounts add constraint known check (email is not null) not valid
    undo: alter table accounts drop constraint known
  - id: code_known
    sql: alter table accounts add constraint coded check (code is not null) not valid
    undo: alter table accounts drop constraint coded
`);
    expect(warnings).toEqual([]);
  });
});

const ADD = `
expand:
  - { id: add, sql: alter table accounts add column code text, undo: alter table accounts drop column code }
`;

describe('the condition of the target', () => {
  it('is said: broken indexes, disabled triggers, and transactions nobody ended', async () => {
    await pool.query(`create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger quiet before update on accounts for each row execute function nothing();
      alter table accounts disable trigger quiet`);
    await expect(
      pool.query('create unique index concurrently broken on accounts (email)'),
    ).rejects.toThrow('could not create unique index');
    const { outcome, warnings } = await prepared(ADD);
    expect(outcome).toEqual({ kind: 'done' });
    expect(warnings).toEqual([
      'invalid-index: the index broken of accounts is invalid: every write maintains it and no query uses it',
      'disabled-trigger: the trigger quiet of accounts is disabled',
    ]);
  });

  it('refuses a table that our role may not change, before anything is changed', async () => {
    const role = `migrator_${process.pid}`;
    await pool.query(`create role ${role} login password 'x'; grant create on database ${fresh.name} to ${role};
      grant create on schema public to ${role}`);
    const url = new URL(fresh.url);
    url.username = role;
    url.password = 'x';
    const own = pgDatabase({ url: url.toString() });
    try {
      const example = await inlineMigration('0001_try', {
        'migration.yaml': `version: 1\ntitle: try\n${ADD}`,
      });
      const context = await startedExecution(scene.control, example, own);
      expect(await prepare(context)).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/^accounts belongs to postgres, and only its owner/),
      });
    } finally {
      await own.close();
      await pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});
