import type { Plan, PlannedLock } from '../../../lib/core/plan/plan.ts';
import { blockedBy } from '../../../lib/core/sql/lock-conflicts.ts';
import { compareLockModes, type LockMode } from '../../../lib/core/sql/lock-mode.ts';
import { writeName } from '../../../lib/core/sql/sql-name.ts';
import type { Database, Session } from '../../../lib/ports/database.ts';

/** Locks on tables that a transaction had when it was about to commit. */
export interface MeasuredLock {
  /** The SQL that took them. */
  readonly sql: string;
  /** As the table was called when the transaction began. */
  readonly schema: string;
  readonly table: string;
  readonly mode: LockMode;
}

const TABLES = `
select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'lockkeeper')`;

const HELD = `
select l.relation::text as oid, l.mode::text as mode from pg_locks l
where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted`;

/** The same database; what each transaction locks is written down before it commits. */
export function measuringLocks(inner: Database, measured: MeasuredLock[]): Database {
  return {
    query: (sql, parameters) => inner.query(sql, parameters),
    execute: (sql, parameters) => inner.execute(sql, parameters),
    submit: (sql) => inner.submit(sql),
    close: () => inner.close(),
    transaction: (work) =>
      inner.transaction(async (tx) => {
        const statements: string[] = [];
        let tables:
          | ReadonlyMap<string, { readonly schema: string; readonly name: string }>
          | undefined;
        const watched: Session = {
          query: (sql, parameters) => tx.query(sql, parameters),
          execute: async (sql, parameters) => {
            // Only steps are tagged; the ledger's own statements are not interesting.
            const step = /^\/\* lockkeeper \S+ \S+ \*\/ ([\s\S]*)$/.exec(sql)?.[1];
            if (step !== undefined && !/\blockkeeper\.steps\b/.test(step)) {
              tables ??= await tablesNow(tx);
              statements.push(step);
            }
            return tx.execute(sql, parameters);
          },
        };
        const result = await work(watched);
        for (const row of statements.length === 0 ? [] : await tx.query(HELD)) {
          const table = tables?.get(String(row['oid']));
          if (table === undefined) continue;
          const mode = row['mode'] as LockMode;
          measured.push({
            sql: statements[0] ?? '',
            schema: table.schema,
            table: table.name,
            mode,
          });
        }
        return result;
      }),
  };
}

async function tablesNow(tx: Session) {
  const rows = await tx.query(TABLES);
  return new Map(
    rows.map((row) => [
      String(row['oid']),
      { schema: String(row['schema']), name: String(row['name']) },
    ]),
  );
}

/** A lock that was stronger than its step announced. */
export interface Unannounced extends MeasuredLock {
  readonly stepId: string;
  readonly announced: LockMode | undefined;
}

/**
 * Compares what was measured with what the plan announced. Locks in whose way nobody stands need
 * no announcement, and neither do those on tables that the migration itself made.
 */
export function unannounced(
  plan: Plan,
  measured: readonly MeasuredLock[],
  existing: ReadonlySet<string>,
): readonly Unannounced[] {
  const actions = plan.steps.flatMap((step) => {
    if (step.kind === 'check') return [];
    const undo = step.undo.kind === 'statement' ? [step.undo.action] : [];
    return (step.kind === 'statement' ? [step.action, ...undo] : undo).map((action) => ({
      stepId: step.stepId,
      sql: action.sql,
      locks: action.locks,
    }));
  });
  return measured.flatMap((lock) => {
    if (blockedBy(lock.mode) === 'nothing') return [];
    if (!existing.has(`${lock.schema}.${lock.table}`)) return [];
    const candidates = actions.filter(({ sql }) => sql === lock.sql);
    const best = candidates.map(({ stepId, locks }) => ({
      stepId,
      announced: strongest(locks, lock),
    }));
    const covered = best.some(
      ({ announced }) => announced !== undefined && compareLockModes(announced, lock.mode) >= 0,
    );
    const [first] = best;
    return covered || first === undefined ? [] : [{ ...lock, ...first }];
  });
}

function strongest(locks: readonly PlannedLock[], { schema, table }: MeasuredLock) {
  const names = [writeName({ schema: undefined, name: table }), writeName({ schema, name: table })];
  return locks
    .filter(({ relation }) => names.includes(relation))
    .map(({ mode }) => mode)
    .toSorted((a, b) => compareLockModes(b, a))[0];
}

/** `schema.name` of every table that there is. */
export async function existingTables(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.query(TABLES);
  return new Set(rows.map((row) => `${String(row['schema'])}.${String(row['name'])}`));
}
