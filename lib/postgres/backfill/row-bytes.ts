import { quoteIdentifier, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import { type Database, DatabaseError } from '../../ports/database.ts';
import type { TableDescription } from './describe-table.ts';

/** Enough for an average; few enough to be done at once, whatever is computed. */
const SAMPLED_ROWS = 100;
/** A page has one row at least, so this many have enough of them, and not all of one corner. */
const SAMPLED_PAGES = 200;
/** Twenty milliseconds a row. What takes longer is no matter of bytes. */
const SAMPLE_MS = 2_000;

/**
 * How many bytes moving one row writes into its table, on average: the row as it is, and the new
 * values, which may be far larger than it. Both are asked of a sample, the values only where
 * computing them twice does no harm (`repeatable`). Old values that are stored out of line are not
 * written again, so they do not count.
 *
 * @returns undefined for an empty table
 */
export async function rowBytes(
  database: Database,
  step: Pick<BackfillStep, 'table' | 'work' | 'repeatable'>,
  table: Pick<TableDescription, 'rowsPerPage' | 'pages' | 'pageBytes'>,
): Promise<number | undefined> {
  const { rowsPerPage, pageBytes } = table;
  const own = rowsPerPage === undefined ? undefined : pageBytes / rowsPerPage;
  const added = await newBytes(database, step, table);
  return own === undefined && added === undefined ? undefined : (own ?? 0) + (added ?? 0);
}

async function newBytes(
  database: Database,
  { table, work, repeatable }: Pick<BackfillStep, 'table' | 'work' | 'repeatable'>,
  { pages }: Pick<TableDescription, 'pages'>,
): Promise<number | undefined> {
  if (work.kind !== 'update' || repeatable !== true) return undefined;
  const sizes = Object.values(work.set).map(
    (expression) => `coalesce(pg_column_size((${expression}\n)), 0)`,
  );
  const percent = Math.min(100, (100 * SAMPLED_PAGES) / Math.max(1, pages));
  const name = quoteIdentifier(table.name);
  const sql = `select avg(bytes)::float8 as bytes from (
    select ${sizes.join(' + ')} as bytes from (
      select * from ${quoteQualified(table)} tablesample system (${percent}) limit ${SAMPLED_ROWS}
    ) as ${name}) as sampled`;
  try {
    return await database.transaction(async (tx) => {
      await tx.query(`select set_config('statement_timeout', :timeout, true) as timeout`, {
        timeout: `${SAMPLE_MS}ms`,
      });
      const [row] = await tx.query(sql);
      return typeof row?.['bytes'] === 'number' ? row['bytes'] : undefined;
    });
  } catch (error) {
    // A row that fails, or one that takes long, is met and dealt with by its batch.
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}
