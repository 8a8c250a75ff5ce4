import { LOCK_MODES, type LockMode, strongestOf } from '../../core/sql/lock-mode.ts';
import type { SqlName } from '../../core/sql/sql-name.ts';
import type { Row, Session } from '../../ports/database.ts';

/** A relation as it is at one moment, seen by the session that asks. */
export interface RelationNow {
  /** With a schema only where the search path would not find it. */
  readonly name: SqlName;
  /** Changes when the rows are written anew; undefined where there are none. */
  readonly file: string | undefined;
  /** Reads from end to end by this session that were not published yet. */
  readonly scans: number;
}

const RELATIONS = `
select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name,
  pg_table_is_visible(c.oid) as visible,
  case when c.relkind in ('r', 'm') then pg_relation_filenode(c.oid)::text end as file,
  pg_stat_get_xact_numscans(c.oid)::text as scans
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'v', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'lockkeeper')`;

/** All relations that hold rows or show them, by oid. */
export async function relationsNow(session: Session): Promise<ReadonlyMap<string, RelationNow>> {
  return new Map((await session.query(RELATIONS)).map((row) => [String(row['oid']), read(row)]));
}

/** What a transaction holds, by oid: also on relations that it dropped, which have no name any more. */
export async function heldLocks(session: Session): Promise<ReadonlyMap<string, LockMode>> {
  const rows = await session.query(
    `select relation::text as oid, string_agg(mode, ',') as modes from pg_locks
     where pid = pg_backend_pid() and locktype = 'relation' and granted group by relation`,
  );
  return new Map(
    rows.flatMap((row) => {
      const mode = strongestMode(String(row['modes']).split(','));
      return mode === undefined ? [] : [[String(row['oid']), mode] as const];
    }),
  );
}

/** Of modes as pg_locks names them. */
export function strongestMode(modes: readonly string[]): LockMode | undefined {
  return strongestOf(LOCK_MODES.filter((mode) => modes.includes(mode)));
}

function read(row: Row): RelationNow {
  return {
    name: {
      schema: row['visible'] === true ? undefined : String(row['schema']),
      name: String(row['name']),
    },
    file: typeof row['file'] === 'string' ? row['file'] : undefined,
    scans: Number(row['scans']),
  };
}
