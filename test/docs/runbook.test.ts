import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cli } from '../../lib/cli/cli.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { prepare } from '../../lib/engine/prepare.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { listMigrations } from '../../lib/postgres/ledger/executions.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

describe('docs/runbook.md', () => {
  it('says nothing that the command line does not know', () => {
    // GIVEN
    const { commands } = buildProgram({} as Cli, () => undefined);
    const known = new Map(commands.map((verb) => [verb.name(), verb]));

    // WHEN
    const said = [...runbook.matchAll(/`lockkeeper ([a-z]+)([^`]*)`/g)].map(
      ([, verb = '', rest = '']) => ({ verb, options: rest.match(/--[a-z][a-z-]*/g) ?? [] }),
    );

    // THEN
    expect(said.length).toBeGreaterThan(10);
    for (const { verb, options } of said) {
      const flags = (known.get(verb)?.options ?? []).map(({ long }) => long);
      expect([verb, known.has(verb)]).toEqual([verb, true]);
      expect(flags).toEqual(expect.arrayContaining([...options]));
    }
  });
});

describe('the SQL for a ledger that travelled back in time', () => {
  let control: ControlScene;
  let target: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    control = await controlScene();
    target = await freshDatabase();
    database = pgDatabase({ url: target.url });
  });
  afterAll(async () => {
    await database?.close();
    await target?.drop();
    await control?.close();
  });

  it('lets a migration start again that the ledger believes to be half way', async () => {
    // GIVEN a ledger of the moment before expand, of an execution that has ended since
    const pool = target.pool();
    await pool.query('create table items (id bigint primary key)');
    const example = await inlineMigration('0001_note', {
      'migration.yaml': `version: 1
title: Note
snapshots: none
expand:
  - id: add_note
    sql: alter table items add column note text
    undo: alter table items drop column note
`,
    });
    const lost = await startedExecution(control.control, example, database);
    expect(await prepare(lost)).toEqual({ kind: 'done' });
    await control.control.releaseLease(lost.target, lost.executionId);
    const tryAgain = async () =>
      prepare(await startedExecution(control.control, example, database, { target: lost.target }));
    const refused = await tryAgain();
    expect(refused).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('half way'),
    });

    // WHEN the responder says that nothing of it is there
    const [, sql = ''] = /```sql\n(begin;[\s\S]*?commit;)\n```/.exec(runbook) ?? [];
    await pool.query(sql.replaceAll('<execution>', lost.executionId));

    // THEN
    expect(await listMigrations(database)).toMatchObject([{ status: 'rolled-back' }]);
    const lease = await control.control.getLease(lost.target);
    if (lease !== undefined) await control.control.releaseLease(lost.target, lease.executionId);
    expect(await tryAgain()).toEqual({ kind: 'done' });
  });
});
