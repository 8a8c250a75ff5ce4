import type { ExecutionStatus } from '../executions/execution.ts';
import type { Checksum, MigrationId } from '../ids.ts';

/** A migration as a target's ledger has it. */
export interface LedgerMigration {
  readonly migrationId: MigrationId;
  /** Of the files that were used. */
  readonly checksum: Checksum;
  readonly status: ExecutionStatus;
}

/** A migration as the project has it. */
export interface LocalMigration {
  readonly migrationId: MigrationId;
  readonly checksum: Checksum;
}

/** One way in which the project and a target's ledger disagree. */
export type LedgerFinding =
  | {
      /** Its files changed after it was applied, so the target is not what they say. */
      readonly kind: 'edited-migration';
      readonly migrationId: MigrationId;
      readonly applied: Checksum;
      readonly local: Checksum;
      readonly message: string;
      readonly fix: string;
    }
  | {
      /** The target has it, the project does not. */
      readonly kind: 'missing-migration';
      readonly migrationId: MigrationId;
      readonly message: string;
      readonly fix: string;
    }
  | {
      /** It is new, but sorts before one that was applied. */
      readonly kind: 'out-of-order-migration';
      readonly migrationId: MigrationId;
      readonly newestApplied: MigrationId;
      readonly message: string;
      readonly fix: string;
    };

/**
 * Compares what was applied with what the project has, in the order of ids. Migrations that were
 * refused or rolled back left nothing behind: they may be edited, removed and renumbered.
 */
export function compareWithLedger(
  ledger: readonly LedgerMigration[],
  local: readonly LocalMigration[],
): readonly LedgerFinding[] {
  const applied = ledger.filter(({ status }) => leftSomething(status));
  const appliedIds = new Set(applied.map(({ migrationId }) => migrationId));
  const localById = new Map(local.map((migration) => [migration.migrationId, migration]));
  const newest = [...appliedIds].sort().at(-1);
  const findings: LedgerFinding[] = [];
  for (const { migrationId, checksum } of applied) {
    const found = localById.get(migrationId);
    if (found === undefined) findings.push(missing(migrationId));
    else if (found.checksum !== checksum) findings.push(edited(found, checksum));
  }
  for (const { migrationId } of local) {
    if (newest === undefined || appliedIds.has(migrationId) || migrationId > newest) continue;
    findings.push(outOfOrder(migrationId, newest));
  }
  return findings.toSorted((left, right) => (left.migrationId < right.migrationId ? -1 : 1));
}

function leftSomething(status: ExecutionStatus): boolean {
  switch (status) {
    case 'rejected':
    case 'rolled-back':
      return false;
    case 'starting':
    case 'running':
    case 'rolling-back':
    case 'succeeded':
    case 'rollback-failed':
    case 'forward-fix-required':
    case 'restored':
    case 'restore-failed':
      return true;
  }
}

function missing(migrationId: MigrationId): LedgerFinding {
  return {
    kind: 'missing-migration',
    migrationId,
    message: `${migrationId} was applied to the target, but the project does not have it`,
    fix: `bring the folder ${migrationId} back from version control`,
  };
}

function edited({ migrationId, checksum }: LocalMigration, applied: Checksum): LedgerFinding {
  return {
    kind: 'edited-migration',
    migrationId,
    applied,
    local: checksum,
    message: `${migrationId} was edited after it was applied (checksum ${short(applied)}, now ${short(checksum)})`,
    fix: 'restore its files from version control and write the change as a new migration',
  };
}

function outOfOrder(migrationId: MigrationId, newestApplied: MigrationId): LedgerFinding {
  return {
    kind: 'out-of-order-migration',
    migrationId,
    newestApplied,
    message: `${migrationId} is new, but sorts before ${newestApplied}, which was applied`,
    fix: `rename it to a number after that of ${newestApplied}`,
  };
}

/** Enough to tell two checksums apart at a glance. */
function short(checksum: Checksum): string {
  return checksum.slice(0, 8);
}
