import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { epochMs } from '../../lib/core/ids.ts';
import type { Outcome } from '../../lib/core/workflow/outcome.ts';
import { type PrepareContext, prepare } from '../../lib/engine/prepare.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import { openScratchServer } from '../../lib/local/postgres/scratch-server.ts';
import type { PostgresServer } from '../../lib/local/postgres/server.ts';
import type { Database } from '../../lib/ports/database.ts';
import { hastyClock } from '../support/clocks.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';

const MIGRATION = `version: 1
title: Retire names
expand:
  - id: add_nickname
    sql: alter table people add column nickname text
    undo: alter table people drop column nickname
  - id: drop_index
    sql: drop index concurrently people_mail
    undo: create index concurrently people_mail on people (mail)
backfill:
  - {id: fill_nickname, table: people, set: {nickname: lower(name)}, where: nickname is null}
validate:
  - {id: named, query: select count(*) from people where name is null, expect: 0}
contract:
  - id: hide_name
    sql: alter table people rename column name to name_retired
    undo: alter table people rename column name_retired to name
finalize:
  - {id: drop_name, sql: alter table people drop column name_retired, irreversible: names are gone}
`;

/** The server counts statements; one for the file, as no other test wants the library. */
let server: PostgresServer;
let control: ControlScene;
beforeAll(async () => {
  server = await openScratchServer({ shared_preload_libraries: 'pg_stat_statements' });
  control = await controlScene();
}, 60_000);
afterAll(async () => {
  await control.close();
  await server.stop();
});

let database = 0;
let app: pg.Client;
let target: Database;
beforeEach(async () => {
  const name = `app_${++database}`;
  const admin = new pg.Client({ connectionString: server.url() });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  app = new pg.Client({ connectionString: server.url(name) });
  await app.connect();
  await app.query(`create table people (id bigint primary key, name text not null, mail text);
    create index people_mail on people (mail);
    insert into people select i, 'Name ' || i, i from generate_series(1, 50) i`);
  target = pgDatabase({ url: server.url(name) });
});
afterEach(async () => {
  await target.close();
  await app.end();
});

async function prepared(): Promise<PrepareContext> {
  const example = await inlineMigration('0001_retire', { 'migration.yaml': MIGRATION });
  const context = await startedExecution(control.control, example, target);
  expect(await prepare(context)).toEqual({ kind: 'done' });
  return context;
}
async function throughBackfill(): Promise<PrepareContext> {
  const context = await prepared();
  for (const phase of ['expand', 'backfill', 'validate'] as const) {
    expect(await runPhase(context, phase)).toEqual({ kind: 'done' });
  }
  return context;
}
/** The phase as it is called so many minutes from now. */
function contractAfter(context: PrepareContext, minutes: number): Promise<Outcome> {
  const now = () => epochMs(Date.now() + minutes * 60_000);
  const until = epochMs(now() + 60_000);
  return runPhase({ ...context, clock: { ...hastyClock, now }, until }, 'contract');
}
const reasonOf = (outcome: Outcome) => ('reason' in outcome ? outcome.reason : '');

describe('where the server counts statements', () => {
  beforeEach(() => app.query('create extension pg_stat_statements'));

  it('the plan says which statements use what is taken away, and which index is used', async () => {
    // GIVEN an application
    await app.query('select p.name from people p where p.id = $1', [7]);
    await app.query('set enable_seqscan = off');
    await app.query(`select id from people where mail = '3'`);
    await app.query('select pg_stat_force_next_flush()');
    // WHEN
    const { executionId } = await prepared();
    // THEN
    const plan = await control.control.getPlan(executionId);
    const findings = plan?.plan.steps.flatMap((step) =>
      step.kind === 'statement' ? step.findings.filter(({ rule }) => rule === 'still-used') : [],
    );
    expect(findings?.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      expect.stringMatching(/^warning: people_mail is used by queries, last at 20/),
      'warning: people.name is used by a statement of postgres: select p.name from people p where p.id = $1',
    ]);
  });

  it('contract waits for code that still uses it, and goes on when that is over', async () => {
    // GIVEN an old application that sends its statement once more while the gate is open
    const old = () => app.query('select name from people where id = 3');
    await old();
    const context = await throughBackfill();
    await old();
    // WHEN THEN
    const held = await runPhase(context, 'contract');
    expect(held).toMatchObject({ kind: 'wait', seconds: 30 });
    expect(reasonOf(held)).toBe(
      'code still uses people.name: postgres ran select name from people where id = $1',
    );
    // AND as long as it is not quiet
    expect(await contractAfter(context, 4)).toMatchObject({ kind: 'wait' });
    await old();
    expect(await contractAfter(context, 6)).toMatchObject({ kind: 'wait' });
    // AND once it is, contract goes through
    expect(await contractAfter(context, 12)).toEqual({ kind: 'done' });
  });

  it('everything is taken back when it does not end', async () => {
    const old = () => app.query('update people set name = name where id = 3');
    const context = await throughBackfill();
    await old();
    expect(await contractAfter(context, 0)).toMatchObject({ kind: 'wait' });
    await old();
    const outcome = await contractAfter(context, 61);
    expect(outcome.kind).toBe('failed');
    expect(reasonOf(outcome)).toMatch(
      /^before contract: code still uses people.name: postgres ran update/,
    );
  });

  it('nobody is taken for a user who is none: our own statements, another table, a dead one', async () => {
    // GIVEN a statement that ran before, and one about another table with such a column
    await app.query('select name from people where id = 3');
    await app.query('create table pets (name text)');
    const context = await throughBackfill();
    await app.query('select name from pets');
    await app.query('select count(*) from people where name is null');
    await app.query('select * from people, (select 1 as name) s where s.name = 1');
    // WHEN THEN
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
  });
});

describe('where it does not', () => {
  it('prepare says that nobody can tell, and contract goes on', async () => {
    const context = await throughBackfill();
    const events = await control.control.listAudit(context.executionId);
    expect(
      events.filter(({ kind }) => kind === 'TargetWarned').map(({ reason }) => reason),
    ).toEqual([
      'whether code still uses what contract takes away is not known: the extension pg_stat_statements is not installed',
    ]);
    expect(await runPhase(context, 'contract')).toEqual({ kind: 'done' });
  });
});
