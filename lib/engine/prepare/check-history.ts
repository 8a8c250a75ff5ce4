import { compareWithLedger } from '../../core/migration/compare-with-ledger.ts';
import type { Migration } from '../../core/migration/migration.ts';
import { type Condition, warn } from '../../core/preflight/condition.ts';
import type { MigrationSource } from '../../ports/control-store.ts';
import type { Session } from '../../ports/database.ts';
import { fingerprint } from '../../postgres/fingerprint.ts';
import { type LedgerMigration, listMigrations } from '../../postgres/ledger/executions.ts';
import { expectedSchema } from '../../postgres/ledger/expected-schema.ts';

/**
 * Whether the database's own history allows this migration now: nothing applied was edited or is
 * missing, no order is broken, nobody is half way, and the schema is what the ledger left behind.
 * @returns the first reason against it
 */
export async function checkHistory(
  session: Session,
  source: MigrationSource,
  migration: Migration,
): Promise<string | undefined> {
  const history = await listMigrations(session);
  const own = history.find((entry) => entry.migrationId === migration.migrationId);
  if (own?.status === 'applied' && own.checksum === migration.checksum) {
    return `migration ${migration.migrationId} is applied already, by execution ${own.executionId}`;
  }
  const halfWay = history.find((entry) => entry.status === 'in-progress');
  if (halfWay !== undefined) {
    return `execution ${halfWay.executionId} left migration ${halfWay.migrationId} half way; resume it or roll it back first`;
  }
  return (
    disagreement(source, migration, history) ??
    skipped(source, migration, history) ??
    (await drift(session, source))
  );
}

/** What the project's files and the ledger say differently about what was applied. */
function disagreement(
  source: MigrationSource,
  migration: Migration,
  history: readonly LedgerMigration[],
): string | undefined {
  const applied = history.flatMap(({ migrationId, checksum, status }) =>
    status === 'applied' ? [{ migrationId, checksum, status: 'succeeded' as const }] : [],
  );
  const finding = compareWithLedger(applied, source.known).find(
    ({ kind, migrationId }) =>
      kind !== 'out-of-order-migration' || migrationId === migration.migrationId,
  );
  return finding && `${finding.message}; ${finding.fix}`;
}

/** Order is what makes two environments alike: nothing is applied before what comes before it. */
function skipped(
  source: MigrationSource,
  migration: Migration,
  history: readonly LedgerMigration[],
): string | undefined {
  const applied = new Set(
    history.filter(({ status }) => status === 'applied').map(({ migrationId }) => migrationId),
  );
  const before = source.known
    .map(({ migrationId }) => migrationId)
    .filter((id) => id < migration.migrationId && !applied.has(id))
    .sort()[0];
  return (
    before &&
    `migration ${before} comes before ${migration.migrationId} and is not applied; apply it first, or remove it from the project`
  );
}

async function drift(session: Session, source: MigrationSource): Promise<string | undefined> {
  return source.environment.policy.onDrift === 'refuse' ? whatDrifted(session) : undefined;
}

/** Where the environment only wants to be told. */
export async function driftWarning(
  session: Session,
  source: MigrationSource,
): Promise<readonly Condition[]> {
  if (source.environment.policy.onDrift !== 'warn') return [];
  const drifted = await whatDrifted(session);
  return drifted === undefined
    ? []
    : [warn('drift', drifted, 'put it back, or lockkeeper drift --accept')];
}

async function whatDrifted(session: Session): Promise<string | undefined> {
  const expected = (await expectedSchema(session))?.fingerprint;
  if (expected === undefined) return undefined;
  const found = await fingerprint(session);
  if (found === expected) return undefined;
  return `the schema is not what the ledger left behind (expected ${expected.slice(0, 12)}, found ${found.slice(0, 12)}): somebody changed it outside of a migration; lockkeeper drift shows what`;
}
