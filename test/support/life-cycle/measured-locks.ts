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
with held as materialized (
  select l.relation, string_agg(l.mode, ',') as modes from pg_locks l
  where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted
  group by l.relation
)
select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name, held.modes
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join held on held.relation = c.oid
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'lockkeeper')`;

interface Table {
  readonly schema: string;
  readonly name: string;
  /** What this transaction holds on it. */
  readonly modes: readonly LockMode[];
}

type Tables = ReadonlyMap<string, Table>;

/** The same database; what each transaction locks is written down before it commits. */
export function measuringLocks(inner: Database, measured: MeasuredLock[]): Database {
  // Nobody else renames tables, so they are called what they were called when the last one committed.
  let before: Tables | undefined;
  return {
    query: (sql, parameters) => inner.query(sql, parameters),
    execute: (sql, parameters) => inner.execute(sql, parameters),
    submit: (sql) => inner.submit(sql),
    close: () => inner.close(),
    transaction: async (work) => {
      const known = before;
      before = undefined;
      let after: Tables | undefined;
      const result = await inner.transaction(async (tx) => {
        let first: { readonly sql: string; readonly tables: Tables } | undefined;
        const watched: Session = {
          query: (sql, parameters) => tx.query(sql, parameters),
          execute: async (sql, parameters) => {
            // Only steps are tagged; the ledger's own statements are not interesting.
            const step = /^\/\* lockkeeper \S+ \S+ \*\/ ([\s\S]*)$/.exec(sql)?.[1];
            if (step !== undefined && !/\blockkeeper\.steps\b/.test(step)) {
              first ??= { sql: step, tables: known ?? (await tablesNow(tx)) };
            }
            return tx.execute(sql, parameters);
          },
        };
        const done = await work(watched);
        if (first === undefined) return done;
        after = await tablesNow(tx);
        for (const [oid, { modes }] of after) {
          const table = first.tables.get(oid);
          if (table === undefined) continue;
          const { schema, name } = table;
          for (const mode of modes) measured.push({ sql: first.sql, schema, table: name, mode });
        }
        return done;
      });
      before = after ?? known;
      return result;
    },
  };
}

async function tablesNow(session: Session): Promise<Tables> {
  const rows = await session.query(TABLES);
  return new Map(
    rows.map((row) => {
      const held = row['modes'] === null ? [] : String(row['modes']).split(',');
      const table = { schema: String(row['schema']), name: String(row['name']) };
      return [String(row['oid']), { ...table, modes: held as LockMode[] }];
    }),
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
  return new Set(
    [...(await tablesNow(session)).values()].map((one) => `${one.schema}.${one.name}`),
  );
}
