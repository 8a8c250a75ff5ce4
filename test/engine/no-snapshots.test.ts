import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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

const WHY = 'a database given with --database-url gets none';

const written = (snapshots: string) => ({
  'migration.yaml': `version: 1
title: Add a table
${snapshots}
expand:
  - id: add_people
    sql: create table people (id bigint primary key)
    undo: drop table people
`,
});

describe('a target of which no snapshot can be taken', () => {
  let control: ControlScene;
  let database: TestDatabase;
  let target: Database;
  beforeAll(async () => {
    control = await controlScene();
  });
  afterAll(() => control.close());
  beforeEach(async () => {
    database = await freshDatabase();
    target = pgDatabase({ url: database.url });
  });
  afterEach(async () => {
    await target.close();
    await database.drop();
  });

  async function prepared(snapshots: string) {
    const example = await inlineMigration('0001_people', written(snapshots));
    const context = await startedExecution(control.control, example, target);
    return prepare({ ...context, withoutSnapshots: WHY });
  }
  const ledger = async () =>
    (await database.pool().query(`select to_regnamespace('lockkeeper')::text as ledger`)).rows;

  it('is refused before anything is changed, with the way to go', async () => {
    // GIVEN the default, which is a snapshot
    const outcome = await prepared('');

    // THEN
    expect(outcome).toEqual({
      kind: 'rejected',
      reason: `0001_people wants a snapshot before expand, and ${WHY}; write snapshots: none in its migration.yaml or in the overrides of test, with allow_without_snapshots: true in the policy of test`,
    });
    expect(await ledger()).toEqual([{ ledger: null }]);
  });

  it('is fine for a migration that wants none', async () => {
    expect(await prepared('snapshots: none')).toEqual({ kind: 'done' });
  });
});
