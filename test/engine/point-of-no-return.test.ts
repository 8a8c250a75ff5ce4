import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { finalize } from '../../lib/engine/finalize.ts';
import { prepare } from '../../lib/engine/prepare.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';
import { freshDatabase } from '../support/postgres.ts';

let scene: ControlScene;
beforeAll(async () => {
  scene = await controlScene();
});
afterAll(() => scene.close());

const FILES = {
  'migration.yaml': `version: 1
title: Two drops
finalize:
  - id: drop_one
    sql: drop table one
    irreversible: one is gone
  - id: drop_two
    sql: drop table two
    irreversible: two is gone
`,
};

async function prepared() {
  const database = await freshDatabase();
  await database.pool().query('create table one (); create table two ();');
  const target = pgDatabase({ url: database.url });
  const context = await startedExecution(
    scene.control,
    await inlineMigration('0001_two_drops', FILES),
    target,
  );
  expect(await prepare(context)).toEqual({ kind: 'done' });
  const abort = () =>
    scene.control.requestAbort(context.executionId, {
      by: 'olivia',
      reason: 'second thoughts',
      at: context.clock.now(),
    });
  const drop = async () => {
    await target.close();
    await database.drop();
  };
  return { context, target, abort, drop };
}

it('an abort before the first drop stops finalize', async () => {
  const { context, target, abort, drop } = await prepared();
  await abort();
  expect(await finalize(context)).toMatchObject({ kind: 'aborted' });
  const [row] = await target.query("select to_regclass('one') is not null as there");
  expect(row?.['there']).toBe(true);
  await drop();
});

it('an abort after the first drop does not stop half way', async () => {
  // GIVEN a finalize whose first drop is done when somebody asks to abort
  const { context, target, abort, drop } = await prepared();
  let aborted = false;
  const outcome = await finalize({
    ...context,
    events: {
      emit: async ({ kind }) => {
        if (kind === 'StepFinished' && !aborted) {
          aborted = true;
          await abort();
        }
      },
    },
  });
  // THEN it goes forward to its end, because there is no way back to a state in between
  expect(aborted).toBe(true);
  expect(outcome).toEqual({ kind: 'done' });
  const [row] = await target.query("select to_regclass('two') is null as gone");
  expect(row?.['gone']).toBe(true);
  await drop();
});
