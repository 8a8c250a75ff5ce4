import type { Checksum, ExecutionId, Fingerprint, MigrationId, PlanHash } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';
import { forgetMilestones } from './milestones.ts';

/** `back` is final: once an execution goes back, none of its forward steps may run any more. */
export type Direction = 'forward' | 'back';

export interface LedgerExecution {
  readonly executionId: ExecutionId;
  readonly migrationId: MigrationId;
  readonly planHash: PlanHash;
  readonly direction: Direction;
  readonly fingerprintBefore: Fingerprint;
  readonly finished: boolean;
}

export interface LedgerMigration {
  readonly migrationId: MigrationId;
  readonly checksum: Checksum;
  readonly executionId: ExecutionId;
  readonly status: 'in-progress' | 'applied' | 'rolled-back';
  readonly fingerprintAfter: Fingerprint | undefined;
}

export interface Begin {
  readonly executionId: ExecutionId;
  readonly migrationId: MigrationId;
  readonly checksum: Checksum;
  readonly planHash: PlanHash;
  readonly fingerprint: Fingerprint;
}

/** Records that an execution begins; repeating it changes nothing. Both rows in one transaction. */
export async function recordBegin(tx: Session, begin: Begin): Promise<void> {
  const parameters = {
    execution_id: begin.executionId,
    migration_id: begin.migrationId,
    checksum: begin.checksum,
    plan_hash: begin.planHash,
  };
  await tx.execute(
    `insert into lockkeeper.executions (execution_id, migration_id, checksum, plan_hash, direction, fingerprint_before)
     values (:execution_id, :migration_id, :checksum, :plan_hash, 'forward', :fingerprint)
     on conflict (execution_id) do nothing`,
    { ...parameters, fingerprint: begin.fingerprint },
  );
  await tx.execute(
    `insert into lockkeeper.migrations (migration_id, checksum, plan_hash, execution_id, status)
     values (:migration_id, :checksum, :plan_hash, :execution_id, 'in-progress')
     on conflict (migration_id) do update
       set checksum = excluded.checksum, plan_hash = excluded.plan_hash,
           execution_id = excluded.execution_id, status = 'in-progress', changed_at = now()`,
    parameters,
  );
}

/** Stands where a plan's hash would: no plan of ours did it. */
const NO_PLAN = 'baseline';

/** Records a migration that the database had before its ledger; no execution of ours ran it. */
export async function recordAppliedBefore(
  tx: Session,
  before: Omit<Begin, 'planHash'>,
): Promise<void> {
  await tx.execute(
    `insert into lockkeeper.migrations (migration_id, checksum, plan_hash, execution_id, status, fingerprint_after)
     values (:migration_id, :checksum, :plan_hash, :execution_id, 'applied', :fingerprint)`,
    {
      migration_id: before.migrationId,
      checksum: before.checksum,
      plan_hash: NO_PLAN,
      execution_id: before.executionId,
      fingerprint: before.fingerprint,
    },
  );
}

/** Turns the execution round; from here on only undo steps run. */
export async function recordTurnBack(tx: Session, executionId: ExecutionId): Promise<void> {
  await tx.execute(
    `update lockkeeper.executions set direction = 'back' where execution_id = :execution_id`,
    { execution_id: executionId },
  );
}

/** Ends the execution in the ledger: its migration is applied, or as if it had never been. */
export async function recordEnd(
  tx: Session,
  executionId: ExecutionId,
  status: 'applied' | 'rolled-back',
  fingerprintAfter: Fingerprint,
): Promise<void> {
  await tx.execute(
    `update lockkeeper.executions set finished_at = now() where execution_id = :execution_id`,
    { execution_id: executionId },
  );
  await tx.execute(
    `update lockkeeper.migrations
     set status = :status, fingerprint_after = :fingerprint, changed_at = now()
     where execution_id = :execution_id`,
    { execution_id: executionId, status, fingerprint: fingerprintAfter },
  );
  await forgetMilestones(tx, executionId);
}

export async function findExecution(
  session: Session,
  executionId: ExecutionId,
): Promise<LedgerExecution | undefined> {
  const [row] = await session.query(
    `select execution_id, migration_id, plan_hash, direction, fingerprint_before,
            finished_at is not null as finished
     from lockkeeper.executions where execution_id = :execution_id`,
    { execution_id: executionId },
  );
  if (row === undefined) return undefined;
  return {
    executionId: row['execution_id'] as ExecutionId,
    migrationId: row['migration_id'] as MigrationId,
    planHash: row['plan_hash'] as PlanHash,
    direction: row['direction'] as Direction,
    fingerprintBefore: row['fingerprint_before'] as Fingerprint,
    finished: row['finished'] === true,
  };
}

/** All migrations this database has seen, in id order. */
export async function listMigrations(session: Session): Promise<readonly LedgerMigration[]> {
  const rows = await session.query(
    `select migration_id, checksum, execution_id, status, fingerprint_after
     from lockkeeper.migrations order by migration_id`,
  );
  return rows.map((row) => ({
    migrationId: row['migration_id'] as MigrationId,
    checksum: row['checksum'] as Checksum,
    executionId: row['execution_id'] as ExecutionId,
    status: row['status'] as LedgerMigration['status'],
    fingerprintAfter: (row['fingerprint_after'] ?? undefined) as Fingerprint | undefined,
  }));
}
