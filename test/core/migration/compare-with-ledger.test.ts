import { describe, expect, it } from '@jest/globals';
import type { ExecutionStatus } from '../../../lib/core/executions/execution.ts';
import type { Checksum, MigrationId } from '../../../lib/core/ids.ts';
import { compareWithLedger } from '../../../lib/core/migration/compare-with-ledger.ts';

const migration = (id: string, content = 'a') => ({
  migrationId: id as MigrationId,
  checksum: content.repeat(64) as Checksum,
});
const applied = (id: string, content = 'a', status: ExecutionStatus = 'succeeded') => ({
  ...migration(id, content),
  status,
});

describe('compareWithLedger', () => {
  it('finds nothing when all that was applied is there and new ones come after it', () => {
    const ledger = [applied('0001_a'), applied('0002_b')];
    const local = [migration('0001_a'), migration('0002_b'), migration('0003_c')];
    expect(compareWithLedger(ledger, local)).toEqual([]);
    expect(compareWithLedger([], local)).toEqual([]);
  });

  it('finds a migration that was edited after it was applied', () => {
    expect(compareWithLedger([applied('0001_a')], [migration('0001_a', 'b')])).toEqual([
      {
        kind: 'edited-migration',
        migrationId: '0001_a',
        applied: 'a'.repeat(64),
        local: 'b'.repeat(64),
        message: '0001_a was edited after it was applied (checksum aaaaaaaa, now bbbbbbbb)',
        fix: 'restore its files from version control and write the change as a new migration',
      },
    ]);
  });

  it('finds a migration that was applied and is gone', () => {
    expect(compareWithLedger([applied('0001_a')], [])).toEqual([
      {
        kind: 'missing-migration',
        migrationId: '0001_a',
        message: '0001_a was applied to the target, but the project does not have it',
        fix: 'bring the folder 0001_a back from version control',
      },
    ]);
  });

  it('finds a new migration that sorts before one that was applied', () => {
    const ledger = [applied('0001_a'), applied('0003_c')];
    const local = [migration('0001_a'), migration('0002_b'), migration('0003_c')];
    expect(compareWithLedger(ledger, local)).toEqual([
      {
        kind: 'out-of-order-migration',
        migrationId: '0002_b',
        newestApplied: '0003_c',
        message: '0002_b is new, but sorts before 0003_c, which was applied',
        fix: 'rename it to a number after that of 0003_c',
      },
    ]);
  });

  it.each(['rejected', 'rolled-back'] as const)(
    'lets a migration that was %s be edited, removed and renumbered',
    (status) => {
      const ledger = [
        applied('0001_a'),
        applied('0002_b', 'a', status),
        applied('0004_d', 'a', status),
      ];
      const local = [migration('0001_a'), migration('0002_b', 'b'), migration('0003_c')];
      expect(compareWithLedger(ledger, local)).toEqual([]);
    },
  );

  it.each(['running', 'rollback-failed', 'forward-fix-required'] as const)(
    'does not let a migration that is %s be edited',
    (status) => {
      const findings = compareWithLedger(
        [applied('0001_a', 'a', status)],
        [migration('0001_a', 'b')],
      );
      expect(findings.map(({ kind }) => kind)).toEqual(['edited-migration']);
    },
  );

  it('reports all findings, in the order of ids', () => {
    const findings = compareWithLedger(
      [applied('0004_d'), applied('0001_a')],
      [migration('0004_d', 'b'), migration('0003_c'), migration('0002_b')],
    );
    expect(findings.map(({ migrationId, kind }) => [migrationId, kind])).toEqual([
      ['0001_a', 'missing-migration'],
      ['0002_b', 'out-of-order-migration'],
      ['0003_c', 'out-of-order-migration'],
      ['0004_d', 'edited-migration'],
    ]);
  });
});
