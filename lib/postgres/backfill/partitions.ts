import type { Part } from '../../core/backfill/split.ts';
import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { BackfillStep, TableName } from '../../core/plan/plan.ts';
import type { Row, Session } from '../../ports/database.ts';
import { findLastKey } from './boundary.ts';
import type { Work } from './work.ts';

/**
 * The partitions of a table that are gone through one by one: a range of the key of the whole would
 * open every partition and every index of it, for each batch, and hold a lock on each.
 *
 * @returns undefined when the whole has to be named: the work is SQL of an author, it sets a column
 *   that decides about the partition (or may, through an expression), or a partition is a foreign table
 */
export async function partitionParts(
  session: Session,
  step: Pick<BackfillStep, 'table' | 'key' | 'work'>,
  work: Work,
): Promise<readonly Part[] | undefined> {
  if (step.work.kind !== 'update') return undefined;
  const rows = await session.query(TREE, { table: quoteQualified(step.table) });
  const deciding = rows.flatMap((row) => (row['is_leaf'] === true ? [] : columnsOf(row)));
  const mayMove = deciding.some((column) => column === '' || work.updatedColumns.includes(column));
  const leaves = rows.filter((row) => row['is_leaf'] === true);
  if (mayMove || leaves.some((row) => row['relkind'] !== 'r')) return undefined;
  const parts: Part[] = [];
  for (const leaf of leaves) {
    const table: TableName = { schema: String(leaf['schema']), name: String(leaf['name']) };
    const through = await findLastKey(session, { table, key: step.key });
    if (through === undefined) continue;
    const partition = { table, estimatedRows: Number(leaf['rows']) };
    parts.push({ after: undefined, through, partition });
  }
  return parts;
}

/** Whether a table is there. */
export async function exists(session: Session, table: TableName): Promise<boolean> {
  const [row] = await session.query('select to_regclass(:table) is not null as exists', {
    table: quoteQualified(table),
  });
  return row?.['exists'] === true;
}

/** An expression in the key of a partitioned table is an empty name. Names order as bounds mostly do. */
const TREE = `select n.nspname::text as schema, c.relname::text as name, t.isleaf as is_leaf,
    c.relkind::text as relkind, c.reltuples::float8 as rows,
    (select json_agg(coalesce(a.attname, '')) from pg_partitioned_table p, unnest(p.partattrs) as k(attnum)
     left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
     where p.partrelid = c.oid)::text as columns
  from pg_partition_tree(to_regclass(:table)) t
  join pg_class c on c.oid = t.relid join pg_namespace n on n.oid = c.relnamespace
  order by n.nspname, c.relname`;

function columnsOf(row: Row): readonly string[] {
  return JSON.parse(String(row['columns'] ?? '[]')) as readonly string[];
}
