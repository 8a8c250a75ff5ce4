import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ExecutionId, epochMs, type MigrationId } from '../../lib/core/ids.ts';
import { changePace } from '../../lib/engine/change-pace.ts';
import type { EngineContext } from '../../lib/engine/context.ts';
import { hastyClock } from '../support/clocks.ts';
import { type ControlScene, controlScene } from '../support/engine-scene.ts';

const ADA = { by: 'ada', reason: 'the month ends' };

describe('changePace', () => {
  let scene: ControlScene;
  let context: EngineContext;
  beforeAll(async () => {
    scene = await controlScene();
    context = {
      executionId: '0001_fill-abcd' as ExecutionId,
      migrationId: '0001_fill' as MigrationId,
      control: scene.control,
      events: { emit: async () => undefined },
      clock: hastyClock,
      until: epochMs(Date.now()),
    };
  });
  afterAll(() => scene.close());
  const trail = async () =>
    (await scene.control.listAudit(context.executionId)).map(({ kind, by, reason, facts }) => ({
      kind,
      by,
      reason,
      ...(facts !== undefined && { facts }),
    }));

  it('keeps what was tuned, and who did it and why', async () => {
    const tuning = { batchTarget: 50, holdLag: 2_000 };
    expect(await changePace(context, { kind: 'tune', tuning, ...ADA })).toEqual({
      message: 'from the next batch on: batchTarget 50 ms, holdLag 2000 ms',
      woken: false,
    });
    expect((await scene.control.getFlags(context.executionId)).tuning).toEqual(tuning);
    expect(await trail()).toEqual([
      { kind: 'Tuned', ...ADA, facts: { tuning: 'batchTarget 50 ms, holdLag 2000 ms' } },
    ]);
  });

  it('refuses a value that is out of range, and says the range', async () => {
    const before = await trail();
    await expect(
      changePace(context, { kind: 'tune', tuning: { batchTarget: 5_000, pause: -1 }, ...ADA }),
    ).rejects.toMatchObject({
      code: 'NotAllowed',
      message: 'batchTarget is 20 to 1000 ms, got 5000; pause is 0 to 60000 ms, got -1',
    });
    expect(await trail()).toEqual(before);
  });

  it('refuses more workers than planned, which would have nothing to do', async () => {
    const more = changePace(context, { kind: 'tune', tuning: { workers: 2 }, ...ADA });
    await expect(more).rejects.toMatchObject({
      code: 'NotAllowed',
      message: 'workers is at most 1, as planned, got 2',
    });
    const one = await changePace(context, { kind: 'tune', tuning: { workers: 1 }, ...ADA });
    expect(one.message).toBe('from the next batch on: workers 1 at once');
  });
});
