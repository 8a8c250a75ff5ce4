import type { TableSize } from '../../core/preflight/forecast.ts';
import type { Storage } from '../../core/preflight/judge-storage.ts';
import type { Session } from '../../ports/database.ts';

/** SQL, true on Aurora. */
export const IS_AURORA = `to_regproc('aurora_version') is not null`;

/** CONNECT on a database is what its size needs; those of others stay out of the sum. */
export async function readStorage(session: Session): Promise<Storage> {
  const [row] = await session.query(
    `select coalesce(sum(pg_database_size(oid)), 0)::float8 as used,
            ${IS_AURORA} as aurora
     from pg_database where has_database_privilege(oid, 'connect')`,
  );
  return { usedBytes: Number(row?.['used'] ?? 0), aurora: row?.['aurora'] === true };
}

/** @param tables as in SQL; what is no table is left out */
export async function readTableSizes(
  session: Session,
  tables: readonly string[],
): Promise<readonly TableSize[]> {
  const rows = await session.query(
    `select wanted.name as "table", sum(pg_table_size(part))::float8 as heap,
            sum(pg_indexes_size(part))::float8 as indexes
     from jsonb_array_elements_text(:tables::jsonb) as wanted(name)
     join pg_class c on c.oid = to_regclass(wanted.name) and c.relkind in ('r', 'p', 'm')
     cross join lateral (select c.oid::regclass as part union select relid from pg_partition_tree(c.oid)) parts
     group by wanted.name`,
    { tables: JSON.stringify(tables) },
  );
  return rows.map((row) => ({
    table: String(row['table']),
    heapBytes: Number(row['heap']),
    indexBytes: Number(row['indexes']),
  }));
}
