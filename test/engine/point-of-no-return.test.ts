import { expect, it } from '@jest/globals';
import { finalize } from '../../lib/engine/finalize.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';

const scene = targetScene('create table one (); create table two ();');

const MIGRATION = `version: 1
title: Two drops
finalize:
  - id: drop_one
    sql: drop table one
    irreversible: one is gone
  - id: drop_two
    sql: drop table two
    irreversible: two is gone
`;

async function prepared() {
  const context = await takenThrough(await scene.started(MIGRATION), []);
  const abort = () =>
    scene.control.requestAbort(context.executionId, {
      by: 'olivia',
      reason: 'second thoughts',
      at: context.clock.now(),
    });
  return { context, abort };
}

it('an abort before the first drop stops finalize', async () => {
  const { context, abort } = await prepared();
  await abort();
  expect(await finalize(context)).toMatchObject({ kind: 'aborted' });
  const [row] = await scene.target.query("select to_regclass('one') is not null as there");
  expect(row?.['there']).toBe(true);
});

it('an abort after the first drop does not stop half way', async () => {
  // GIVEN a finalize whose first drop is done when somebody asks to abort
  const { context, abort } = await prepared();
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
  const [row] = await scene.target.query("select to_regclass('two') is null as gone");
  expect(row?.['gone']).toBe(true);
});
