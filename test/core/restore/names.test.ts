import { describe, expect, it } from '@jest/globals';
import { type ExecutionId, epochMs, type MigrationId } from '../../../lib/core/ids.ts';
import { clusterNames, keptName, restoreIdOf } from '../../../lib/core/restore/names.ts';
import type { RestoreSource } from '../../../lib/core/restore/order.ts';

const OF = '0002_add_billing-k3x9ab' as ExecutionId;
const MIGRATION = '0002_add_billing' as MigrationId;
const RDS_NAME = /^[a-z](?:-?[a-z0-9])*$/;

const namesOf = (original: string, source: RestoreSource) =>
  clusterNames(
    { original, originalWriter: `${original}-instance-1`, of: OF, source },
    restoreIdOf(OF, MIGRATION, 2),
  );
const snapshot = (moment: 'before-expand' | 'before-contract'): RestoreSource => ({
  kind: 'snapshot',
  moment,
  snapshotIdentifier: 'lockkeeper-x',
});

describe('the names of a restore', () => {
  it('say what it is of, and which one', () => {
    expect(restoreIdOf(OF, MIGRATION, 2)).toBe('0002_add_billing-k3x9abr2');
    expect(namesOf('orders', snapshot('before-contract'))).toEqual({
      original: 'orders',
      restored: 'orders-restored-k3x9ab-c',
      kept: 'orders-before-restore-k3x9abr2',
      originalWriter: 'orders-instance-1',
      restoredWriter: 'orders-restored-k3x9ab-c-1',
    });
  });

  it('are the same for the same source, and others for another', () => {
    const at = epochMs(Date.UTC(2026, 10, 22, 17));
    const sources: readonly RestoreSource[] = [
      snapshot('before-expand'),
      snapshot('before-contract'),
      { kind: 'point-in-time', at },
      { kind: 'point-in-time', at: epochMs(at + 1_000) },
      { kind: 'point-in-time', at: undefined },
    ];

    const names = sources.map((source) => namesOf('orders', source).restored);

    expect(new Set(names).size).toBe(sources.length);
    expect(sources.map((source) => namesOf('orders', source).restored)).toEqual(names);
  });

  it('are names that RDS takes, however long the original is', () => {
    for (let length = 1; length <= 63; length += 1) {
      const original = 'a-b'.repeat(21).slice(0, length).replace(/-$/, 'z');
      const { restored, kept, restoredWriter } = namesOf(original, snapshot('before-contract'));
      for (const name of [restored, kept, restoredWriter]) {
        expect(name).toMatch(RDS_NAME);
        expect(name.length).toBeLessThanOrEqual(63);
      }
    }
  });

  it('are not put behind a name twice when a step is repeated', () => {
    const restoreId = restoreIdOf(OF, MIGRATION, 1);
    const once = keptName('orders-instance-1', restoreId);
    expect(once).toBe('orders-instance-1-before-restore-k3x9abr1');
  });
});
