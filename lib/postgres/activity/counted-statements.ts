import type { KnownTable } from '../../core/activity/column-uses.ts';
import type { CountedStatement } from '../../core/activity/find-users.ts';
import { quoteName, type SqlName } from '../../core/sql/sql-name.ts';
import type { CountedStatements, IndexScans } from '../../ports/activity.ts';
import { DatabaseError, type Session } from '../../ports/database.ts';

/** 200 statements of 4,000 characters stay below the Data API's 1 MiB. */
const MOST_STATEMENTS = 200;
const LONGEST_STATEMENT = 4_000;

const WHERE = `
select quote_ident(n.nspname) as schema, pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_others
from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'`;

/**
 * The statements of pg_stat_statements in which one of the words occurs, those that ran most often
 * first; which of them use what the words name is for the parser to say. Left out: statements inside
 * functions (our sync triggers), and those of a backfill, known by the names in them, as PostgreSQL 18
 * cuts off the comment with our tag.
 * @param words names of tables and columns
 */
export async function readCountedStatements(
  session: Session,
  words: readonly string[],
): Promise<CountedStatements> {
  const [where] = await session.query(WHERE);
  if (where === undefined) {
    return { kind: 'unknown', why: 'the extension pg_stat_statements is not installed' };
  }
  if (where['sees_others'] !== true) {
    return { kind: 'unknown', why: 'our role is no member of pg_read_all_stats' };
  }
  try {
    const rows = await session.query(
      `select s.userid::text || '/' || s.queryid::text as id, s.query, s.calls::float8 as calls,
              coalesce(r.rolname::text, s.userid::text) as role
       from ${String(where['schema'])}.pg_stat_statements s left join pg_roles r on r.oid = s.userid
       where s.dbid = (select oid from pg_database where datname = current_database())
         and s.queryid is not null and length(s.query) <= ${LONGEST_STATEMENT}
         and coalesce((to_jsonb(s) ->> 'toplevel')::boolean, true)
         and s.query !~ 'lockkeeper[_.]|/\\* lockkeeper |as "walked"'
         and s.query ~* '^\\s*(/\\*.*\\*/\\s*)?(select|insert|update|delete|with|values)\\M'
         and exists (select from jsonb_array_elements_text(:words::jsonb) w
                     where position(lower(w) in lower(s.query)) > 0)
       order by s.calls desc limit ${MOST_STATEMENTS}`,
      { words: JSON.stringify(words) },
    );
    return {
      kind: 'counted',
      statements: rows.map(
        (row): CountedStatement => ({
          id: String(row['id']),
          query: String(row['query']),
          calls: Number(row['calls']),
          role: String(row['role']),
        }),
      ),
    };
  } catch (error) {
    // 55000: installed, and the library was not loaded when the server started.
    if (!(error instanceof DatabaseError) || error.sqlstate !== '55000') throw error;
    return { kind: 'unknown', why: 'pg_stat_statements is not in shared_preload_libraries' };
  }
}

/** Every table and view of one of these names, in whichever schema. */
export async function readKnownTables(
  session: Session,
  names: readonly SqlName[],
): Promise<readonly KnownTable[]> {
  const distinct = [...new Set(names.map(({ name }) => name))];
  if (distinct.length === 0) return [];
  const rows = await session.query(
    `select n.nspname::text as schema, c.relname::text as name,
            (select coalesce(jsonb_agg(a.attname), '[]') from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('information_schema', 'lockkeeper')
       and c.relname in (select jsonb_array_elements_text(:names::jsonb))`,
    { names: JSON.stringify(distinct) },
  );
  return rows.map((row) => ({
    schema: String(row['schema']),
    name: String(row['name']),
    columns: JSON.parse(String(row['columns'])) as string[],
  }));
}

/** @param indexes those that do not exist are left out */
export async function readIndexScans(
  session: Session,
  indexes: readonly SqlName[],
): Promise<readonly IndexScans[]> {
  if (indexes.length === 0) return [];
  const names = indexes.map(({ schema, name }) =>
    schema === undefined ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`,
  );
  const rows = await session.query(
    `select wanted.value as "index", s.idx_scan::float8 as scans,
            to_jsonb(s) ->> 'last_idx_scan' as last_scan
     from jsonb_array_elements_text(:names::jsonb) wanted
     join pg_stat_user_indexes s on s.indexrelid = to_regclass(wanted.value)`,
    { names: JSON.stringify(names) },
  );
  return rows.map((row) => ({
    index: String(row['index']),
    scans: Number(row['scans']),
    lastScan: (row['last_scan'] ?? undefined) as string | undefined,
  }));
}
