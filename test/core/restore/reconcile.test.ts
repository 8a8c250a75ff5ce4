import { describe, expect, it } from '@jest/globals';
import { EXECUTION_STATUSES } from '../../../lib/core/executions/execution.ts';
import { correctionOf, type Standing } from '../../../lib/core/restore/reconcile.ts';

describe('the record of an execution whose database went back in time', () => {
  it.each(EXECUTION_STATUSES)('follows the database, whatever it says: %s', (recorded) => {
    expect(correctionOf(recorded, 'half-way')).toBe('reopen');
    expect(correctionOf(recorded, 'begun')).toBe('end');
  });

  it.each<[Parameters<typeof correctionOf>[0], Standing, string]>([
    ['succeeded', 'applied', 'keep'],
    ['rolled-back', 'applied', 'applied'],
    ['succeeded', 'absent', 'undone'],
    ['forward-fix-required', 'absent', 'undone'],
    ['rolled-back', 'undone', 'keep'],
    ['rejected', 'absent', 'keep'],
  ])('%s, and the database says %s: %s', (recorded, standing, correction) => {
    expect(correctionOf(recorded, standing)).toBe(correction);
  });
});
