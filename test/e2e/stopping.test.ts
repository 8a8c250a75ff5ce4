import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { abort } from '../../lib/cli/commands/abort.ts';
import { pause } from '../../lib/cli/commands/pause.ts';
import { resume } from '../../lib/cli/commands/resume.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import { type EmbeddedScene, embeddedScene, type Picture } from '../support/embedded-scene.ts';
import { addNickname, SLOW_BATCHES } from './support/add-nickname.ts';
import { MOVED_MORE_THAN } from './support/in-the-middle.ts';

let scene: EmbeddedScene;
let before: Picture;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(async () => {
  await scene.reset(500);
  before = await scene.picture();
});

const takenBack = (reason: unknown) => ({
  status: 'rolled-back',
  reason,
  ledger: 'rolled-back',
  lease: undefined,
});

const moved = async (): Promise<number> => {
  const { rows } = await scene.pool.query<{ moved: number }>(
    'select sum(rows_moved)::int as moved from lockkeeper.backfills',
  );
  return rows[0]?.moved ?? 0;
};

describe('an abort', () => {
  it('wakes an execution that waits at a gate and takes it back', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');

    // WHEN
    const olivia = await scene.as('olivia');
    await abort(olivia, { execution: id, reason: 'the release is off' });
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(
      takenBack(`abort requested by ${olivia.by}: the release is off`),
    );
    expect(await scene.picture()).toEqual(before);
  });

  it('stops a backfill between two batches and takes it back', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ batch: SLOW_BATCHES }));
    const id = await scene.start('0001_add_nickname');
    await scene.untilTrue(MOVED_MORE_THAN, [id, 50]);

    // WHEN
    const olivia = await scene.as('olivia');
    await abort(olivia, { execution: id, reason: 'too much load' });
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(
      takenBack(`abort requested by ${olivia.by}: too much load`),
    );
    expect(await moved()).toBeLessThan(500);
    expect(await scene.picture()).toEqual(before);
  });
});

describe('a pause', () => {
  it('holds a backfill where it is until somebody lets it go on', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ batch: SLOW_BATCHES }));
    const id = await scene.start('0001_add_nickname');
    await scene.untilTrue(MOVED_MORE_THAN, [id, 50]);
    const olivia = await scene.as('olivia');

    // WHEN
    await pause(olivia, { execution: id, reason: 'the sale starts' });
    const still = await standstill();

    // THEN
    expect(still).toBeLessThan(500);
    expect(await scene.aftermath(id)).toMatchObject({ status: 'running', lease: id });
    await resume(olivia, { execution: id, reason: 'the sale is over' });
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
  });
});

/** How many rows are moved when none was for a second, which is several batches. */
async function standstill(): Promise<number> {
  for (;;) {
    const seen = await moved();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if ((await moved()) === seen) return seen;
  }
}

describe('a workflow that is stopped from outside', () => {
  it('in the middle of a backfill is taken back by a run of its own', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ batch: SLOW_BATCHES }));
    const id = await scene.start('0001_add_nickname');
    await scene.untilTrue(MOVED_MORE_THAN, [id, 50]);

    // WHEN
    await stopFromOutside(id);
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(takenBack(stoppedFromOutside));
    expect(await runsOf(id)).toEqual([
      ['forward', (await scene.as('alice')).by],
      ['rollback', 'EventBridge aws.states'],
    ]);
    expect(await moved()).toBeLessThan(500);
    expect(await scene.picture()).toEqual(before);
  });

  it('while it waits at a gate is taken back by a run of its own', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');

    // WHEN
    await stopFromOutside(id);
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(takenBack(stoppedFromOutside));
    expect(await scene.picture()).toEqual(before);
  });
});

const stoppedFromOutside = expect.stringMatching(/^its workflow \S+ ended without recording how/);

async function runsOf(id: ExecutionId): Promise<unknown> {
  const { control } = await scene.as('observer');
  const { runs = [] } = (await control.getExecution(id)) ?? {};
  return runs.map(({ mode, startedBy }) => [mode, startedBy]);
}

/** Stops its workflow behind its back, so that none of its states can react. */
async function stopFromOutside(id: ExecutionId): Promise<void> {
  const { endpoints, region } = scene.aws.description;
  const { control } = await scene.as('observer');
  const executionArn = (await control.getExecution(id))?.runs.at(-1)?.run;
  const credentials = { accessKeyId: 'somebody', secretAccessKey: 'embedded' };
  const states = new SFNClient({ endpoint: endpoints.states, region, credentials });
  await states.send(new StopExecutionCommand({ executionArn }));
  states.destroy();
}
