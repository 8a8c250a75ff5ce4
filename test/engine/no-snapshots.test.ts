import { describe, expect, it } from '@jest/globals';
import { prepare } from '../../lib/engine/prepare.ts';
import { targetScene } from '../support/target-scene.ts';

const WHY = 'a database given with --database-url gets none';

const written = (snapshots: string) => `version: 1
title: Add a table
${snapshots}
expand:
  - id: add_people
    sql: create table people (id bigint primary key)
    undo: drop table people
`;

describe('a target of which no snapshot can be taken', () => {
  const scene = targetScene();

  async function prepared(snapshots: string) {
    const context = await scene.started(written(snapshots));
    return prepare({ ...context, withoutSnapshots: WHY });
  }
  const ledger = async () =>
    (await scene.query(`select to_regnamespace('lockkeeper')::text as ledger`)).rows;

  it('is refused before anything is changed, with the way to go', async () => {
    // GIVEN the default, which is a snapshot
    const outcome = await prepared('');

    // THEN
    expect(outcome).toEqual({
      kind: 'rejected',
      reason: `0001_test wants a snapshot before expand, and ${WHY}; write snapshots: none in its migration.yaml or in the overrides of test, with allow_without_snapshots: true in the policy of test`,
    });
    expect(await ledger()).toEqual([{ ledger: null }]);
  });

  it('is fine for a migration that wants none', async () => {
    expect(await prepared('snapshots: none')).toEqual({ kind: 'done' });
  });
});
