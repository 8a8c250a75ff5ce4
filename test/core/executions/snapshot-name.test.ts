import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { snapshotIdentifierOf } from '../../../lib/core/executions/snapshot-name.ts';
import type { ExecutionId } from '../../../lib/core/ids.ts';
import { SNAPSHOT_MOMENTS } from '../../../lib/core/workflow/payload.ts';

it('reads as what it is', () => {
  expect(snapshotIdentifierOf('0002_add_billing-k3x9ab' as ExecutionId, 'before-expand')).toBe(
    'lockkeeper-0002-add-billing-k3x9ab-before-expand',
  );
});

it('always is a name that RDS accepts, and different executions have different names', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const executionId = fc
    .tuple(fc.stringMatching(/^[0-9]{4,14}$/), fc.array(word, { minLength: 1, maxLength: 4 }), word)
    .map(([number, words, suffix]) => `${number}_${words.join('_')}-${suffix}` as ExecutionId);
  fc.assert(
    fc.property(executionId, executionId, fc.constantFrom(...SNAPSHOT_MOMENTS), (a, b, moment) => {
      const name = snapshotIdentifierOf(a, moment);
      expect(name.length).toBeLessThanOrEqual(63);
      expect(name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
      if (a !== b) expect(snapshotIdentifierOf(b, moment)).not.toBe(name);
    }),
  );
});
