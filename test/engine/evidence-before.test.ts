import { describe, expect, it } from '@jest/globals';
import type { CheckStep, Plan } from '../../lib/core/plan/plan.ts';
import { evidenceBefore } from '../../lib/engine/evidence/evidence-before.ts';
import { aPlan } from '../ports/control-store-samples.ts';

const check = { kind: 'check', phase: 'migrate', stepId: 'all_right' } as CheckStep;
const step = (phase: 'expand' | 'contract' | 'finalize') =>
  ({ kind: 'statement', phase, stepId: phase }) as Plan['steps'][number];
const approval = {
  kind: 'approval',
  approvals: 1,
  timeoutMs: 1,
  onTimeout: 'hold',
} as Plan['gates']['contract'];

const plan = (steps: Plan['steps']): Plan => ({
  ...aPlan().plan,
  steps,
  gates: { review: { kind: 'none' }, deploy: approval, contract: approval, soak: approval },
});

describe('what is looked at before a phase', () => {
  it('is what the gate in front of it was opened for', () => {
    const all = plan([step('expand'), check, step('contract'), step('finalize')]);
    expect(evidenceBefore(all, 'expand')).toMatchObject({ gates: [], checks: [] });
    expect(evidenceBefore(all, 'validate')).toMatchObject({ gates: ['deploy'], checks: [] });
    expect(evidenceBefore(all, 'contract')).toMatchObject({ gates: ['contract'], checks: [check] });
    expect(evidenceBefore(all, 'finalize')).toMatchObject({ gates: ['soak'], checks: [] });
  });

  it('is that of phases without steps as well', () => {
    const onlyDrops = plan([check, step('finalize')]);
    expect(evidenceBefore(onlyDrops, 'finalize')).toMatchObject({
      gates: ['contract', 'soak'],
      checks: [check],
    });
  });
});
