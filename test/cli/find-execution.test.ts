import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findExecution } from '../../lib/cli/find-execution.ts';
import { type ExecutionId, epochMs, type MigrationId } from '../../lib/core/ids.ts';
import { type ControlScene, controlScene } from '../support/engine-scene.ts';
import { execution, NOON } from './support/executions.ts';

let scene: ControlScene;
beforeAll(async () => {
  scene = await controlScene();
  await expect(findExecution(scene.control, undefined)).rejects.toMatchObject({
    message: 'there is no execution yet',
  });
  const ids = ['0001_rename-aaaa11', '0002_add_billing-bbbb22', '0002_add_billing-cccc33'];
  for (const [index, id] of ids.entries()) {
    const migrationId = id.slice(0, id.indexOf('-')) as MigrationId;
    await scene.control.createExecution(
      execution({
        executionId: id as ExecutionId,
        migrationId,
        startedAt: epochMs(NOON + index * 1_000),
        runs: [],
      }),
      {
        migrationId,
        files: {},
        known: [],
        environment: {
          name: 'prod',
          policy: { fourEyes: true, allowWithoutSnapshots: false, onDrift: 'refuse' },
          overrides: { gates: {}, snapshots: {}, windows: {} },
        },
      },
    );
  }
});
afterAll(() => scene.close());

const found = async (name: string | undefined) =>
  (await findExecution(scene.control, name)).executionId;

describe('findExecution', () => {
  it('finds one by its id, by its migration the newest, without a name the newest of all', async () => {
    expect(await found('0002_add_billing-bbbb22')).toBe('0002_add_billing-bbbb22');
    expect(await found('0002_add_billing')).toBe('0002_add_billing-cccc33');
    expect(await found('0001')).toBe('0001_rename-aaaa11');
    expect(await found(undefined)).toBe('0002_add_billing-cccc33');
  });

  it('fails with the nearest names', async () => {
    await expect(findExecution(scene.control, '0001_renam')).rejects.toMatchObject({
      code: 'UnknownExecution',
      message: 'there is no execution 0001_renam',
      fix: expect.stringMatching(/^nearest: 0001_rename-aaaa11, 0001_rename, /),
    });
    await expect(findExecution(scene.control, '0002_add_biling')).rejects.toMatchObject({
      fix: expect.stringMatching(/^nearest: 0002_add_billing, /),
    });
  });
});
