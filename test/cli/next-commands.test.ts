import { describe, expect, it } from '@jest/globals';
import { nextCommands, type Situation } from '../../lib/cli/next-commands.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../lib/core/executions/execution.ts';
import { approvalGate, execution, facts, gate, ID, NOON, signalOf } from './support/executions.ts';

const next = (change: Partial<Situation>) => nextCommands(facts(change));
const status = (value: ExecutionStatus) => execution({ status: value });

describe('nextCommands', () => {
  it('asks for each signal that has not arrived', () => {
    expect(next({ gates: [gate()], signals: [signalOf('app')] })).toEqual([
      `lockkeeper signal ${ID} worker`,
    ]);
  });

  it('asks to look at the plan before it is approved', () => {
    expect(next({ gates: [approvalGate(1)] })).toEqual([
      `lockkeeper plan --execution ${ID}`,
      `lockkeeper approve ${ID} contract`,
    ]);
  });

  it('has nothing to ask at a gate that opens by itself or was decided', () => {
    const decided = { ...gate(), decision: { kind: 'approved', at: NOON, by: 'bob' } as const };
    expect(next({ gates: [decided] })).toEqual([`lockkeeper watch ${ID}`]);
  });

  it('lets a paused execution go on', () => {
    expect(next({ flags: { paused: true, abort: undefined } })).toEqual([
      `lockkeeper resume ${ID}`,
    ]);
  });

  it('only watches what is on its way back', () => {
    const abort = { by: 'bob', reason: 'late', at: NOON };
    expect(next({ flags: { paused: true, abort }, gates: [gate()] })).toEqual([
      `lockkeeper watch ${ID}`,
    ]);
    expect(next({ execution: status('rolling-back') })).toEqual([`lockkeeper watch ${ID}`]);
  });

  it.each(['ABORTED', 'TIMED_OUT', 'FAILED', undefined])(
    'offers both directions when its workflow is %s',
    (workflow) => {
      expect(next({ workflow })).toEqual([`lockkeeper resume ${ID}`, `lockkeeper rollback ${ID}`]);
    },
  );

  it('goes on going back when that was interrupted', () => {
    for (const stuck of ['rolling-back', 'rollback-failed'] as const) {
      expect(next({ execution: status(stuck), workflow: 'FAILED' })).toEqual([
        `lockkeeper rollback ${ID}`,
      ]);
    }
  });

  it('offers to try again or to restore when the final phase failed', () => {
    expect(next({ execution: status('forward-fix-required'), workflow: 'FAILED' })).toEqual([
      `lockkeeper resume ${ID}`,
      `lockkeeper restore ${ID}`,
    ]);
  });

  it('starts again what was refused or went back', () => {
    for (const ended of ['rejected', 'rolled-back'] as const) {
      expect(next({ execution: status(ended), workflow: undefined })).toEqual([
        'lockkeeper start 0002_add_billing',
      ]);
    }
    expect(next({ execution: status('succeeded'), workflow: undefined })).toEqual([]);
  });

  it('always reaches the same environment', () => {
    for (const each of EXECUTION_STATUSES) {
      const commands = nextCommands(facts({ execution: status(each) }), ['--env', 'prod']);
      expect(commands.every((command) => command.endsWith(' --env prod'))).toBe(true);
    }
  });
});
