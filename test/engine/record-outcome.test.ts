import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LockkeeperError } from '../../lib/core/errors.ts';
import { finish } from '../../lib/engine/finish.ts';
import { recordOutcome, recordSurprise } from '../../lib/engine/record-outcome.ts';
import type { Database } from '../../lib/ports/database.ts';
import {
  type ControlScene,
  controlScene,
  inlineMigration,
  startedExecution,
} from '../support/engine-scene.ts';

let scene: ControlScene;
beforeAll(async () => {
  scene = await controlScene();
});
afterAll(() => scene.close());

const FILES = {
  'migration.yaml': `version: 1
title: Anything
expand:
  - {id: a, sql: create table a (), undo: drop table a}
`,
};

async function started() {
  const untouched = {} as Database;
  const context = await startedExecution(
    scene.control,
    await inlineMigration('0001_anything', FILES),
    untouched,
  );
  const reason = async () => (await scene.control.getExecution(context.executionId))?.reason;
  return { context, reason };
}

it('keeps why an execution turns back', async () => {
  const { context, reason } = await started();
  await recordOutcome(context, { kind: 'failed', reason: 'a check does not hold' });
  expect(await reason()).toBe('a check does not hold');
});

it('keeps what nobody expected', async () => {
  const { context, reason } = await started();
  await recordSurprise(context, 'expand', new TypeError('undefined is not a function'));
  expect(await reason()).toBe('expand failed unexpectedly: TypeError: undefined is not a function');
});

it('does not take a gate that was decided meanwhile for a failure', async () => {
  // GIVEN the only error by which a waiting state can end at once
  const { context, reason } = await started();
  await recordSurprise(context, 'open-gate', new LockkeeperError('WrongState', 'not waiting'));
  // THEN an execution that then succeeds has no reason
  expect(await reason()).toBeUndefined();
});

it('a success takes back what a call that was tried again had said', async () => {
  const { context, reason } = await started();
  await recordSurprise(context, 'expand', new LockkeeperError('Throttled', 'slow down'));
  await finish(context, 'succeeded');
  expect(await reason()).toBeUndefined();
  expect(await scene.control.getExecution(context.executionId)).toMatchObject({
    status: 'succeeded',
  });
});

it('a rollback keeps why', async () => {
  const { context, reason } = await started();
  await recordOutcome(context, { kind: 'failed', reason: 'a check does not hold' });
  await finish(context, 'rolled-back');
  expect(await reason()).toBe('a check does not hold');
});
