import type { ExecutionId, Fingerprint, MigrationId } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';

/** What the schema should be, and since when that is so. */
export interface ExpectedSchema {
  readonly fingerprint: Fingerprint;
  readonly source:
    | {
        readonly kind: 'migration';
        readonly migrationId: MigrationId;
        readonly executionId: ExecutionId;
      }
    | { readonly kind: 'baseline'; readonly by: string; readonly reason: string };
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * The schema that the last applied migration left behind, or the baseline that was accepted after
 * it; undefined when there is neither.
 */
const EXPECTED = `
with applied as (
  select fingerprint_after, migration_id, execution_id, changed_at from lockkeeper.migrations
  where status = 'applied' order by migration_id desc limit 1
), accepted as (
  select fingerprint, accepted_by, reason, accepted_at from lockkeeper.baselines
  where after_execution is not distinct from (select execution_id from applied)
  order by baseline_id desc limit 1
)
select coalesce(b.fingerprint, a.fingerprint_after) as fingerprint, a.migration_id, a.execution_id,
       b.accepted_by, b.reason,
       to_char(coalesce(b.accepted_at, a.changed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
from applied a full join accepted b on true`;

export async function expectedSchema(session: Session): Promise<ExpectedSchema | undefined> {
  const [row] = await session.query(EXPECTED);
  const fingerprint = row?.['fingerprint'] ?? undefined;
  if (row === undefined || fingerprint === undefined) return undefined;
  const by = row['accepted_by'];
  return {
    fingerprint: fingerprint as Fingerprint,
    source:
      typeof by === 'string'
        ? { kind: 'baseline', by, reason: String(row['reason']) }
        : {
            kind: 'migration',
            migrationId: row['migration_id'] as MigrationId,
            executionId: row['execution_id'] as ExecutionId,
          },
    since: String(row['since']),
  };
}

/** Makes a kept picture what is expected until the next migration is applied. */
export async function recordBaseline(
  tx: Session,
  fingerprint: Fingerprint,
  accepted: { readonly by: string; readonly reason: string },
): Promise<void> {
  await tx.execute(
    `insert into lockkeeper.baselines (fingerprint, after_execution, accepted_by, reason)
     select :fingerprint, (select execution_id from lockkeeper.migrations
                           where status = 'applied' order by migration_id desc limit 1), :by, :reason`,
    { fingerprint, ...accepted },
  );
}

/**
 * Whether the ledger knows of any migration, even one that was rolled back, or of any accepted
 * schema. Nobody can add either until the transaction ends.
 */
export async function hasHistory(tx: Session): Promise<boolean> {
  await tx.execute(
    'lock table lockkeeper.migrations, lockkeeper.baselines in share row exclusive mode',
  );
  const [row] = await tx.query(
    `select exists (select from lockkeeper.migrations)
         or exists (select from lockkeeper.baselines) as present`,
  );
  return row?.['present'] === true;
}
