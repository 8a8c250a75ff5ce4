import type { Measured, MeasuredLock } from '../../core/proof/measured.ts';
import type { LockMode } from '../../core/sql/lock-mode.ts';
import { type SqlName, writeName } from '../../core/sql/sql-name.ts';
import type { Database } from '../../ports/database.ts';
import { heldLocks, type RelationNow, relationsNow, strongestMode } from './relations-now.ts';

/**
 * Runs statements in one transaction, which it commits, and tells what they held, wrote anew and
 * read. Tables need no rows for that: PostgreSQL locks and counts the same when there are none.
 * @throws DatabaseError when a statement fails; then nothing of them remains
 */
export async function measureTogether(
  database: Database,
  statements: readonly string[],
): Promise<Measured> {
  return database.transaction(async (tx) => {
    const before = await relationsNow(tx);
    for (const sql of statements) await tx.execute(sql);
    const held = await heldLocks(tx);
    const locks = [...before].flatMap(([oid, { name }]) => lockOn(name, held.get(oid)));
    return { ...changesOf(before, await relationsNow(tx)), locks, complete: true };
  });
}

/**
 * Runs a statement that the server refuses inside a transaction, while a writer is at work on some
 * tables: CONCURRENTLY waits for such writers, with all it holds, and is looked at then.
 * @param tables to be written to
 * @throws DatabaseError when the statement fails
 */
export async function measureAlone(
  database: Database,
  sql: string,
  tables: readonly SqlName[],
): Promise<Measured> {
  const files = await relationsNow(database);
  const running: { ended: boolean; outcome: Promise<unknown> | undefined } = {
    ended: false,
    outcome: undefined,
  };
  const locks = await database.transaction(async (writer) => {
    for (const table of tables) {
      await writer.execute(`lock table ${writeName(table)} in row exclusive mode`);
    }
    const [own] = await writer.query('select pg_backend_pid()::text as pid');
    running.outcome = database.submit(sql).finally(() => {
      running.ended = true;
    });
    // Whoever awaits the outcome is told of the failure; until then it is nobody's.
    running.outcome.catch(() => undefined);
    return lockedByOthers(database, String(own?.['pid']), () => running.ended);
  });
  await running.outcome;
  const { rewritten } = changesOf(files, await relationsNow(database));
  return { locks, rewritten, scanned: [], complete: false };
}

/** Looks until somebody waits, or the statement is over. */
async function lockedByOthers(
  database: Database,
  writer: string,
  ended: () => boolean,
): Promise<readonly MeasuredLock[]> {
  for (;;) {
    const over = ended();
    const rows = await database.query(OTHERS, { writer });
    const waits = rows.some((row) => row['waits'] === true);
    if (waits || over) {
      return rows.flatMap((row) => {
        if (typeof row['name'] !== 'string' || typeof row['modes'] !== 'string') return [];
        const schema = row['visible'] === true ? undefined : String(row['schema']);
        return lockOn({ schema, name: row['name'] }, strongestMode(row['modes'].split(',')));
      });
    }
  }
}

const OTHERS = `
with theirs as materialized (
  select l.relation, l.mode, l.granted from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
  where a.datname = current_database() and a.backend_type = 'client backend'
    and l.pid not in (pg_backend_pid(), :writer::int)
)
select n.nspname::text as schema, c.relname::text as name, pg_table_is_visible(c.oid) as visible,
  string_agg(t.mode, ',') as modes, false as waits
from theirs t join pg_class c on c.oid = t.relation join pg_namespace n on n.oid = c.relnamespace
where t.granted and c.relkind in ('r', 'p', 'm', 'v', 'f') and n.nspname not in ('pg_catalog', 'pg_toast')
group by c.oid, n.nspname, c.relname
union all
select null, null, null, null, true from theirs where not granted group by granted`;

function changesOf(
  before: ReadonlyMap<string, RelationNow>,
  after: ReadonlyMap<string, RelationNow>,
): Pick<Measured, 'rewritten' | 'scanned'> {
  const both = [...before].flatMap(([oid, was]) => {
    const is = after.get(oid);
    return is === undefined ? [] : [{ name: was.name, was, is }];
  });
  return {
    rewritten: both.filter(({ was, is }) => was.file !== is.file).map(({ name }) => name),
    scanned: both.filter(({ was, is }) => is.scans > was.scans).map(({ name }) => name),
  };
}

function lockOn(relation: SqlName, mode: LockMode | undefined): readonly MeasuredLock[] {
  return mode === undefined || mode === 'AccessShareLock' ? [] : [{ relation, mode }];
}
