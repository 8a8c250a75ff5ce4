import type { Migration } from '../../core/migration/migration.ts';
import type { Session } from '../../ports/database.ts';
import { type ServerFacts, serverFacts } from '../../postgres/server-facts.ts';

/** The oldest server whose locks were measured and whose catalog the queries know. */
const OLDEST_VERSION = 13;

/**
 * What about the server or our role there would make the migration do something else than it says.
 * @returns the first reason against it, with what to do
 */
export async function unfitServer(
  session: Session,
  migration: Migration,
): Promise<string | undefined> {
  const facts = await serverFacts(session);
  return tooOld(facts) ?? wrongRole(facts) ?? ownSchema(facts) ?? shortTimeouts(facts, migration);
}

function tooOld({ majorVersion }: ServerFacts): string | undefined {
  if (majorVersion >= OLDEST_VERSION) return undefined;
  return `the target runs PostgreSQL ${majorVersion}; ${OLDEST_VERSION} is the oldest that is supported`;
}

function wrongRole({ readOnly }: ServerFacts): string | undefined {
  return readOnly ? 'the target is a replica; use the endpoint of the writer' : undefined;
}

/** `"$user"` comes first on the usual search path, and the ledger's schema is called lockkeeper. */
function ownSchema({ currentSchema }: ServerFacts): string | undefined {
  if (currentSchema !== 'lockkeeper') return undefined;
  return 'unqualified names would be created in the ledger, in schema lockkeeper; connect as a role of another name, or alter the role to set search_path = public';
}

/**
 * CONCURRENTLY and VALIDATE run outside of a transaction, where nothing can be set for one call: a
 * timeout that the role brings along would cancel them half way.
 */
function shortTimeouts(facts: ServerFacts, migration: Migration): string | undefined {
  const { roleLockTimeoutMs, roleStatementTimeoutMs } = facts;
  // Operations are not lowered yet, and most of them come down to one of the two.
  const operates = migration.operations.length > 0;
  const runsAlone = [...migration.expand, ...migration.validate, ...migration.contract].some(
    (step) => step.kind === 'statement' && /\b(?:concurrently|validate)\b/i.test(step.sql),
  );
  if ((!runsAlone && !operates) || (roleLockTimeoutMs === 0 && roleStatementTimeoutMs === 0))
    return undefined;
  return `the role's lock_timeout (${roleLockTimeoutMs} ms) and statement_timeout (${roleStatementTimeoutMs} ms) would cancel CONCURRENTLY and VALIDATE half way; alter the role to set both to 0, because each step sets its own`;
}
