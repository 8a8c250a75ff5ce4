import { beforeEach, describe, expect, it } from '@jest/globals';
import { tune } from '../../lib/cli/commands/tune.ts';
import type { Connection } from '../../lib/cli/connection.ts';
import { type Decision, parseDecisionMessage } from '../../lib/core/gates/parse-command.ts';
import { memoryControlStore } from '../support/memory-control-store.ts';
import { execution, ID } from './support/executions.ts';

const PROOF = { authorization: 'of somebody', date: '20261122T120000Z' };
const CALL = {
  execution: ID,
  change: {},
  mode: undefined,
  reset: false,
  reason: 'the month ends',
} as const;

let control: ReturnType<typeof memoryControlStore>;
let sent: Decision[];
let connection: Connection;
beforeEach(async () => {
  control = memoryControlStore();
  const { migrationId } = execution();
  const policy = { fourEyes: true, allowWithoutSnapshots: false, onDrift: 'refuse' } as const;
  const environment = {
    name: 'prod',
    policy,
    overrides: { gates: {}, snapshots: {}, windows: {} },
  };
  await control.createExecution(execution(), { migrationId, files: {}, known: [], environment });
  sent = [];
  const decide: Connection['decide'] = async (decision) => {
    sent.push(parseDecisionMessage({ decision, proof: PROOF }).decision);
    return { ok: true, message: 'from the next batch on', woken: false };
  };
  const workflow = { describe: async () => ({ status: 'RUNNING' }) };
  connection = { control, workflow, decide, by: 'ada' } as unknown as Connection;
});

describe('lockkeeper tune', () => {
  it('adds to what was tuned before, and says why', async () => {
    await control.putTuning(ID, { holdLag: 2_000, batchTarget: 100 });
    await tune(connection, { ...CALL, mode: 'busy', change: { batchTarget: 40 } });
    expect(sent).toEqual([
      {
        executionId: ID,
        kind: 'tune',
        tuning: { holdLag: 2_000, batchTarget: 40, pause: 50 },
        reason: 'the month ends',
      },
    ]);
  });

  it('forgets it when asked to', async () => {
    await control.putTuning(ID, { holdLag: 2_000 });
    await tune(connection, { ...CALL, reset: true });
    expect(sent).toMatchObject([{ kind: 'tune', tuning: {} }]);
  });

  it.each([
    [{ batchTarget: 5_000 }, 'batchTarget is 20 to 1000 ms, got 5000'],
    [{}, 'nothing is to be tuned'],
  ])('refuses %j', async (change, message) => {
    await expect(tune(connection, { ...CALL, change })).rejects.toMatchObject({
      code: 'NotAllowed',
      message,
    });
    expect(sent).toEqual([]);
  });
});

describe('a message that tunes', () => {
  const message = (tuning: unknown) => ({
    decision: { executionId: ID, kind: 'tune', tuning, reason: 'why' },
    proof: PROOF,
  });

  it('has numbers of knobs that exist', () => {
    expect(parseDecisionMessage(message({ holdWal: 50 })).decision).toMatchObject({
      tuning: { holdWal: 50 },
    });
    for (const bad of [{ holdWal: '50' }, { nonsense: 1 }, undefined]) {
      expect(() => parseDecisionMessage(message(bad))).toThrow(/not a decision/);
    }
  });
});
