import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approve } from '../../lib/cli/commands/approve.ts';
import { restore } from '../../lib/cli/commands/restore.ts';
import { resume } from '../../lib/cli/commands/resume.ts';
import type { RestorePlan } from '../../lib/cli/dry-run-restore.ts';
import { silentOutput } from '../../lib/cli/output.ts';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import { durationMs, type ExecutionId } from '../../lib/core/ids.ts';
import type { Fault, Faults } from '../../lib/local/http/faults.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

const MIGRATION = '0001_add_nickname';
const CHANGES = /^(?:Restore|Create|Modify|Delete|Add|Enable|Disable)/;

describe('a restore whose functions die when they have changed something', () => {
  let scene: EmbeddedScene;
  /** Asked for each changing call to RDS. */
  let onChange: (operation: string) => Fault | undefined = () => undefined;
  const faults: Faults = (service, action) =>
    service === 'rds' && CHANGES.test(action) ? onChange(action) : undefined;

  beforeAll(async () => {
    scene = await embeddedScene({ faults });
    await scene.reset();
  }, 180_000);
  afterAll(() => scene?.close());

  it('makes exactly the calls that were announced, and ends where it should', async () => {
    // GIVEN an execution that went through, and what a restore of it would do
    await scene.write(MIGRATION, addNickname({ snapshots: 'required' }));
    const id = await scene.start(MIGRATION);
    await scene.toEnd(id);
    const made: string[] = [];
    onChange = (operation) => {
      made.push(operation);
      return undefined;
    };
    const olivia = await scene.as('olivia');
    const say = {
      execution: id,
      moment: 'before-expand',
      takeOver: true,
      lookEveryMs: durationMs(100),
    } as const;
    const announced = await restore(olivia, { ...say, dryRun: true }, silentOutput);
    const plan = announced.value as RestorePlan;
    expect(made).toEqual([]);
    expect(await olivia.control.getExecution(plan.restoreId as ExecutionId)).toBeUndefined();

    // WHEN calls have their effect and kill who made them, and the second rename is denied at first
    let denied = false;
    let renames = 0;
    onChange = (operation) => {
      if (operation === 'ModifyDBCluster') renames += 1;
      if (renames === RENAME_OF_THE_RESTORED && !denied) {
        denied = true;
        renames -= 1;
        return { kind: 'error', code: 'AccessDenied', status: 403, message: 'not today' };
      }
      made.push(operation);
      // One state makes four calls, and a function that dies four times in a row is given up.
      const survives = made.length % 4 === 0;
      return survives ? undefined : { kind: 'meanwhile', after: () => scene.aws.lambda.killAll() };
    };
    const atGate = await restore(olivia, say, silentOutput);
    const restoreId = (atGate.value as StatusFacts).execution.executionId;
    expect(restoreId).toBe(plan.restoreId);
    const stopped = scene.toEnd(restoreId);
    await approve(await scene.as('peter'), {
      execution: restoreId,
      gate: 'takeover',
      reason: undefined,
      plan: undefined,
    });

    // THEN it stops between the two renames, in a state with a name, and keeps the target
    expect(await stopped).toMatchObject({
      execution: {
        status: 'restore-failed',
        reason: expect.stringContaining('rename the cluster app-restored'),
      },
      next: [`lockkeeper resume ${restoreId}`],
    });
    expect(await olivia.control.getLease(olivia.target.name)).toMatchObject({
      executionId: restoreId,
    });

    // WHEN the permission is there, and it is gone on with from its first state
    await resume(olivia, { execution: restoreId, reason: 'may rename now' });
    await scene.until(restoreId, ({ execution }) => execution.status === 'running');
    const { execution: ended } = await scene.toEnd(restoreId);

    // THEN nothing was done twice, nothing was left out
    expect([ended.status, ended.reason]).toEqual(['succeeded', undefined]);
    expect(made).toEqual(plan.calls.map(({ operation }) => operation));
    onChange = () => undefined;
    const database = olivia.connectDatabase(olivia.target.clusterArn);
    expect(await database.query('select count(*)::int as rows from people')).toEqual([
      { rows: 100 },
    ]);
    await database.close();

    // ... and as nothing of the migration was in it, it simply can be started again
    expect(await olivia.control.getExecution(id)).toMatchObject({ status: 'rolled-back' });
    const again = await scene.start(MIGRATION);
    await scene.toEnd(again);
    expect(await olivia.control.getExecution(again)).toMatchObject({ status: 'succeeded' });
  });
});

/** Two of protecting, one of the old cluster, then this one. */
const RENAME_OF_THE_RESTORED = 4;
