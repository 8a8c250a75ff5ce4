import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { reject } from '../../lib/cli/commands/reject.ts';
import { resume } from '../../lib/cli/commands/resume.ts';
import { signal } from '../../lib/cli/commands/signal.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname, SLOW_BATCHES } from './support/add-nickname.ts';
import { holdTable, MOVED_MORE_THAN, waitsForLock } from './support/in-the-middle.ts';

/** Everything dies at once: functions, state machine, databases. Nothing resumes by itself. */
let scene: EmbeddedScene;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(() => scene.reset(500));

async function dieAndComeBack(id: ExecutionId): Promise<void> {
  await scene.stop();
  await scene.reopen();
  // Until somebody resumes it, the execution keeps the target to itself.
  expect(await scene.aftermath(id)).toMatchObject({ ledger: 'in-progress', lease: id });
}

const resumeIt = async (id: ExecutionId) =>
  resume(await scene.as('olivia'), { execution: id, reason: 'the machine is back' });

async function endsWell(id: ExecutionId): Promise<void> {
  await scene.toEnd(id);
  expect(await scene.aftermath(id)).toMatchObject({
    status: 'succeeded',
    ledger: 'applied',
    lease: undefined,
  });
  const { rows } = await scene.pool.query(
    `select count(*)::int as rows from people where nickname = 'name ' || id`,
  );
  expect(rows).toEqual([{ rows: 500 }]);
}

describe('a resumed execution', () => {
  it('goes on where everything died in the middle of expand', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname());
    await holdTable(scene.aws.description.databaseUrl);
    const id = await scene.start('0001_add_nickname');
    await waitsForLock(scene, id);

    // WHEN
    await dieAndComeBack(id);
    await resumeIt(id);

    // THEN
    await endsWell(id);
  });

  it('goes on where everything died in the middle of a backfill', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ batch: SLOW_BATCHES }));
    const id = await scene.start('0001_add_nickname');
    await scene.untilTrue(MOVED_MORE_THAN, [id, 100]);

    // WHEN
    await dieAndComeBack(id);
    await resumeIt(id);

    // THEN
    await endsWell(id);
  });

  it('goes on where everything died while a gate waited', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');

    // WHEN
    await dieAndComeBack(id);
    await resumeIt(id);
    await scene.until(id, ({ workflow }) => workflow === 'RUNNING');
    const deployed = { execution: id, name: 'app', version: 'v2', id: undefined };
    await signal(await scene.as('pipeline'), deployed);

    // THEN
    await endsWell(id);
  });

  it('goes on backwards where everything died in the middle of a rollback', async () => {
    // GIVEN
    const before = await scene.picture();
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');
    await holdTable(scene.aws.description.databaseUrl);
    const bob = await scene.as('bob');
    await reject(bob, { execution: id, gate: 'deploy', reason: 'not today' });
    await waitsForLock(scene, id);

    // WHEN
    await dieAndComeBack(id);
    await resumeIt(id);
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual({
      status: 'rolled-back',
      reason: expect.stringContaining('not today'),
      ledger: 'rolled-back',
      lease: undefined,
    });
    expect(await scene.picture()).toEqual(before);
  });
});
