import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { reject } from '../../lib/cli/commands/reject.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname, SLOW_BATCHES } from './support/add-nickname.ts';
import { holdTable, MOVED_MORE_THAN, waitsForLock } from './support/in-the-middle.ts';

let scene: EmbeddedScene;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(() => scene.reset(500));

const everyRowOnce = async () => {
  const { rows } = await scene.pool.query(
    `select count(*)::int as rows, count(*) filter (where nickname = 'name ' || id)::int as moved
     from people`,
  );
  return rows[0];
};

describe('a function that is killed', () => {
  it('in the middle of expand is called again and ends well', async () => {
    // GIVEN an expand that waits for a lock
    await scene.write('0001_add_nickname', addNickname());
    const holder = await holdTable(scene.aws.description.databaseUrl);
    const id = await scene.start('0001_add_nickname');
    await waitsForLock(scene, id);

    // WHEN
    await scene.aws.lambda.killAll();
    await holder.letGo();
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toMatchObject({
      status: 'succeeded',
      ledger: 'applied',
      lease: undefined,
    });
    expect(await everyRowOnce()).toEqual({ rows: 500, moved: 500 });
  });

  it('in the middle of a backfill, twice, goes on at its checkpoint', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ batch: SLOW_BATCHES }));
    const id = await scene.start('0001_add_nickname');

    // WHEN
    for (const rows of [50, 200]) {
      await scene.untilTrue(MOVED_MORE_THAN, [id, rows]);
      await scene.aws.lambda.killAll();
    }
    const facts = await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toMatchObject({
      status: 'succeeded',
      ledger: 'applied',
      lease: undefined,
    });
    expect(await everyRowOnce()).toEqual({ rows: 500, moved: 500 });
    const backfill = facts.progress.find(({ kind }) => kind === 'backfill');
    expect(backfill).toMatchObject({ state: 'done', rowsMoved: 500 });
  });

  it('in the middle of a rollback is called again and takes everything back', async () => {
    // GIVEN a rollback that waits for a lock
    const before = await scene.picture();
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');
    const holder = await holdTable(scene.aws.description.databaseUrl);
    const bob = await scene.as('bob');
    await reject(bob, { execution: id, gate: 'deploy', reason: 'not today' });
    await waitsForLock(scene, id);

    // WHEN
    await scene.aws.lambda.killAll();
    await holder.letGo();
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
