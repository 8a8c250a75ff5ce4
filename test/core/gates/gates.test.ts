import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { approve, reject } from '../../../lib/core/gates/approve.ts';
import { evaluateGate } from '../../../lib/core/gates/evaluate.ts';
import type { Gate, Signal } from '../../../lib/core/gates/gate.ts';
import { durationMs, type ExecutionId, epochMs, type PlanHash } from '../../../lib/core/ids.ts';

const HASH = 'a'.repeat(64) as PlanHash;
const OPENED = epochMs(1_000);

function gate(declared: Gate['declared'], more: Partial<Gate> = {}): Gate {
  return {
    executionId: '0001_x-abcd' as ExecutionId,
    name: 'deploy',
    declared,
    planHash: HASH,
    openedAt: OPENED,
    expiresAt: epochMs(11_000),
    approvals: [],
    decision: undefined,
    revision: 1,
    ...more,
  };
}

const signalGate = (onTimeout: 'hold' | 'rollback', signals = ['api', 'worker']) =>
  gate({ kind: 'signal', signals, timeoutMs: durationMs(10_000), onTimeout });
const approvalGate = (approvals: number) =>
  gate({ kind: 'approval', approvals, timeoutMs: durationMs(10_000), onTimeout: 'hold' });
const signal = (name: string): Signal => ({
  signalId: name,
  name,
  version: undefined,
  by: 'pipeline',
  at: epochMs(500),
});
const said = (by: string, planHash: PlanHash | undefined = HASH) => ({
  by,
  at: epochMs(2_000),
  reason: undefined,
  planHash,
});

describe('a signal gate', () => {
  it('opens when every named service has signalled, also before it was reached', () => {
    // GIVEN signals that came before the gate opened
    const signals = [signal('api'), signal('worker')];
    // WHEN it is looked at
    const state = evaluateGate(signalGate('hold'), signals, epochMs(1_500));
    // THEN it is approved by whoever signalled
    expect(state).toEqual({
      kind: 'decided',
      decision: { kind: 'approved', at: 1_500, by: 'pipeline' },
    });
  });

  it('names what it still waits for', () => {
    expect(evaluateGate(signalGate('hold'), [signal('api')], epochMs(1_500))).toEqual({
      kind: 'waiting',
      until: 11_000,
      missing: 'a deployment signal of worker',
    });
  });

  it('goes on waiting after its time with hold, and says no with rollback', () => {
    expect(evaluateGate(signalGate('hold'), [], epochMs(12_000)).kind).toBe('waiting');
    expect(evaluateGate(signalGate('rollback'), [], epochMs(12_000))).toEqual({
      kind: 'decided',
      decision: { kind: 'expired', at: 12_000 },
    });
  });
});

describe('a timer gate', () => {
  it('opens by itself when its time has come', () => {
    const timer = gate({ kind: 'timer', durationMs: durationMs(10_000) });
    expect(evaluateGate(timer, [], epochMs(10_999)).kind).toBe('waiting');
    expect(evaluateGate(timer, [], epochMs(11_000))).toMatchObject({
      kind: 'decided',
      decision: { kind: 'approved' },
    });
  });
});

describe('an approval', () => {
  it('counts each person once', () => {
    // GIVEN a gate that needs two people
    const first = approve(approvalGate(2), said('ada'), undefined);
    expect(first).toMatchObject({ kind: 'accepted', complete: false });
    if (first.kind !== 'accepted') throw new Error('expected an accepted approval');
    // WHEN the same person approves again, THEN nothing changes
    expect(approve(first.gate, said('ada'), undefined).kind).toBe('repeated');
    // WHEN somebody else approves, THEN it is complete
    expect(approve(first.gate, said('grace'), undefined)).toMatchObject({
      kind: 'accepted',
      complete: true,
    });
  });

  it('is refused from who started the execution', () => {
    expect(approve(approvalGate(1), said('ada'), 'ada')).toMatchObject({
      kind: 'refused',
      why: 'four-eyes',
    });
  });

  it('is refused for another plan than the one that runs', () => {
    const other = 'b'.repeat(64) as PlanHash;
    expect(approve(approvalGate(1), said('ada', other), undefined)).toMatchObject({
      kind: 'refused',
      why: 'plan-changed',
    });
  });

  it('is refused once the gate is decided', () => {
    const rejected = reject(approvalGate(1), { ...said('ada'), reason: 'not today' });
    if (rejected.kind !== 'accepted') throw new Error('expected an accepted rejection');
    expect(approve(rejected.gate, said('grace'), undefined)).toMatchObject({
      kind: 'refused',
      why: 'already-decided',
      message: 'gate deploy was rejected by ada already',
    });
  });

  it('is refused at a gate that waits for a signal', () => {
    expect(approve(signalGate('hold'), said('ada'), undefined)).toMatchObject({
      why: 'not-an-approval-gate',
    });
  });
});

it('never approves an approval gate with fewer people than it asks for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom('ada', 'grace', 'edsger', 'barbara'), { maxLength: 12 }),
      (wanted, people) => {
        let current = approvalGate(wanted);
        for (const by of people) {
          const answer = approve(current, said(by), undefined);
          if (answer.kind === 'accepted') current = answer.gate;
        }
        const state = evaluateGate(current, [], epochMs(3_000));
        expect(state.kind === 'decided').toBe(new Set(people).size >= wanted);
      },
    ),
  );
});
