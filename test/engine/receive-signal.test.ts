import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeploymentEvent } from '../../lib/core/gates/deployment-event.ts';
import { durationMs, epochMs, type MigrationId } from '../../lib/core/ids.ts';
import { hashPlan } from '../../lib/core/plan/hash.ts';
import { openGate } from '../../lib/engine/open-gate.ts';
import { receiveSignal } from '../../lib/engine/receive-signal.ts';
import { aGate, anExecution, aPlan, aSource, MIGRATION } from '../ports/control-store-samples.ts';
import { hastyClock } from '../support/clocks.ts';
import { type ControlScene, controlScene } from '../support/engine-scene.ts';

const WAITS_FOR_WEB = {
  kind: 'signal',
  signals: ['web'],
  timeoutMs: durationMs(3_600_000),
  onTimeout: 'hold',
} as const;

const deployed = (change: Partial<DeploymentEvent> = {}): DeploymentEvent => ({
  signalId: 'event-1',
  name: 'web',
  version: 'ecs-svc/1',
  by: 'EventBridge aws.ecs',
  executionId: undefined,
  migrationId: undefined,
  ...change,
});

let scene: ControlScene;
let count = 0;
beforeAll(async () => {
  scene = await controlScene();
});
afterAll(() => scene.close());

/** An execution that has the lease of a target of its own, and a plan that waits for `web`. */
async function underWay({ withPlan = true } = {}) {
  count += 1;
  const target = `app/${count}`;
  const { control } = scene;
  const execution = anExecution({ target, status: 'running' });
  const { executionId } = execution;
  await control.createExecution(execution, aSource());
  await control.acquireLease(target, executionId, execution.startedAt);
  if (withPlan) {
    const { plan } = aPlan();
    const waiting = hashPlan({ ...plan, gates: { ...plan.gates, deploy: WAITS_FOR_WEB } });
    await control.putPlan(executionId, waiting);
  }
  const woken: string[] = [];
  const context = {
    control,
    events: { emit: async () => undefined },
    clock: hastyClock,
    until: epochMs(Date.now() + 60_000),
    target,
    waker: {
      wake: async (token: string) => {
        woken.push(token);
        return 'woken' as const;
      },
    },
  };
  const engine = { ...context, executionId, migrationId: execution.migrationId };
  return { executionId, context, engine, woken };
}

describe('a deployment', () => {
  it('opens the gate of the execution that is under way on its target', async () => {
    // GIVEN
    const { executionId, context, engine, woken } = await underWay();
    expect(await openGate(engine, 'deploy')).toMatchObject({ kind: 'wait' });
    await scene.control.putTaskToken(executionId, 'deploy', 'token');

    // WHEN
    const receipt = await receiveSignal(context, deployed());

    // THEN
    expect(receipt).toEqual({
      kind: 'taken',
      executionId,
      message: 'gate deploy opens',
      woken: true,
    });
    expect(woken).toEqual(['token']);
    expect(await openGate(engine, 'deploy')).toEqual({ kind: 'done' });
  });

  it('that comes before its gate is kept, and counts once', async () => {
    const { context, executionId } = await underWay();

    const [first, second] = [
      await receiveSignal(context, deployed()),
      await receiveSignal(context, deployed()),
    ];

    expect(first).toMatchObject({ message: 'kept: no gate waits for a signal yet' });
    expect(second).toMatchObject({ message: 'signal event-1 was known already' });
    expect(await scene.control.listSignals(executionId)).toHaveLength(1);
  });

  it('delivered again wakes whom the first delivery did not come to wake', async () => {
    // GIVEN a delivery that died after it had kept the signal
    const { context, executionId, engine, woken } = await underWay();
    await scene.control.putGate(aGate(executionId, { name: 'deploy', declared: WAITS_FOR_WEB }), 0);
    await scene.control.putTaskToken(executionId, 'deploy', 'token');
    const { signalId, name, version, by } = deployed();
    await scene.control.putSignal(executionId, {
      signalId,
      name,
      version,
      by,
      at: engine.clock.now(),
    });

    // WHEN
    await receiveSignal(context, deployed());

    // THEN
    expect(woken).toEqual(['token']);
  });

  it('is kept while there is no plan yet that could say who is waited for', async () => {
    const { context } = await underWay({ withPlan: false });

    expect(await receiveSignal(context, deployed({ name: 'anything' }))).toMatchObject({
      kind: 'taken',
    });
  });

  it.each([
    ['of a service that no gate waits for', { name: 'billing' }, 'waits for a signal of billing'],
    ['for another migration', { migrationId: '0009_other' as MigrationId }, 'not 0009_other'],
    ['for an execution elsewhere', { executionId: `${MIGRATION}-gone` as never }, 'there is no'],
  ])('%s is dropped', async (_what, change, reason) => {
    const { context, executionId } = await underWay();

    const receipt = await receiveSignal(context, deployed(change));

    expect(receipt).toEqual({ kind: 'dropped', reason: expect.stringContaining(reason) });
    expect(await scene.control.listSignals(executionId)).toEqual([]);
  });

  it('is dropped when no execution is under way, or the one it names has ended', async () => {
    const { context, executionId } = await underWay();
    await scene.control.changeExecution(executionId, { status: 'succeeded' });
    const nobody = await receiveSignal({ ...context, target: 'app/nobody' }, deployed());

    expect(nobody).toEqual({
      kind: 'dropped',
      reason: 'no execution is under way on app/nobody',
    });
    expect(await receiveSignal(context, deployed({ executionId }))).toEqual({
      kind: 'dropped',
      reason: `execution ${executionId} is succeeded`,
    });
  });

  it('for an execution on another target is dropped', async () => {
    const [here, there] = [await underWay(), await underWay()];

    const receipt = await receiveSignal(here.context, deployed({ executionId: there.executionId }));

    expect(receipt).toMatchObject({
      kind: 'dropped',
      reason: expect.stringContaining(`works on ${there.context.target}`),
    });
  });
});

describe('a gate that holds when its time is over', () => {
  it('says so once, and goes on waiting', async () => {
    // GIVEN
    const { executionId, engine } = await underWay();
    await openGate(engine, 'deploy');
    const late = {
      ...engine,
      clock: { ...hastyClock, now: () => epochMs(Date.now() + 7_200_000) },
    };

    // WHEN it is looked at three times
    for (let look = 0; look < 3; look += 1) {
      expect(await openGate(late, 'deploy')).toMatchObject({ kind: 'wait', seconds: 3_600 });
    }

    // THEN
    const trail = await scene.control.listAudit(executionId);
    expect(trail.filter(({ kind }) => kind === 'GateExpired')).toEqual([
      expect.objectContaining({ facts: { gate: 'deploy', onTimeout: 'hold' } }),
    ]);
    expect((await scene.control.getGate(executionId, 'deploy'))?.decision).toBeUndefined();
  });
});
