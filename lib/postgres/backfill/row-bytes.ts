import { quoteIdentifier, quoteQualified, storedName } from '../../core/backfill/sql-text.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import { type Database, DatabaseError } from '../../ports/database.ts';
import type { TableDescription } from './describe-table.ts';

/** Enough for an average; few enough to be done at once, whatever is computed. */
const SAMPLED_ROWS = 100;
/**
 * A page has one row at least, so this many have enough of them. They are taken out of all of these
 * pages: the first rows of a table are seldom like the last ones. The same ones each time, so that
 * each call of a backfill goes by the same widths.
 */
const SAMPLED_PAGES = 200;
/** Twenty milliseconds a row. What takes longer is no matter of bytes. */
const SAMPLE_MS = 2_000;

export interface RowBytes {
  /**
   * What moving one row writes into its table, on average: the row as it is, and the new values,
   * which may be far larger than it. Old values that are stored out of line are not written again, so
   * they do not count. Undefined for an empty table.
   */
  readonly written: number | undefined;
  /** By how much it becomes longer; undefined where the new values are not known. */
  readonly growth: number | undefined;
}

/**
 * How wide rows are, and what they become. The new values are those of a sample, and only where
 * computing them twice does no harm (`repeatable`).
 */
export async function rowBytes(
  database: Database,
  step: Pick<BackfillStep, 'table' | 'work' | 'repeatable'>,
  table: Pick<TableDescription, 'rowsPerPage' | 'pages' | 'pageBytes'>,
): Promise<RowBytes> {
  const { rowsPerPage, pageBytes } = table;
  const own = rowsPerPage === undefined ? undefined : pageBytes / rowsPerPage;
  const values = await valueBytes(database, step, table);
  if (values === undefined) return { written: own, growth: undefined };
  return { written: (own ?? 0) + values.after, growth: values.after - values.before };
}

/** Of the columns that are set, before and after. */
async function valueBytes(
  database: Database,
  { table, work, repeatable }: Pick<BackfillStep, 'table' | 'work' | 'repeatable'>,
  { pages }: Pick<TableDescription, 'pages'>,
): Promise<{ readonly before: number; readonly after: number } | undefined> {
  if (work.kind !== 'update' || repeatable !== true) return undefined;
  const sizeOf = (value: string) => `coalesce(pg_column_size((${value}\n)), 0)`;
  const before = Object.keys(work.set).map((column) => sizeOf(quoteIdentifier(storedName(column))));
  const after = Object.values(work.set).map(sizeOf);
  const percent = Math.min(100, (100 * SAMPLED_PAGES) / Math.max(1, pages));
  const name = quoteIdentifier(table.name);
  const sql = `select avg(before)::float8 as before, avg(after)::float8 as after from (
    select ${before.join(' + ')} as before, ${after.join(' + ')} as after from (
      select * from ${quoteQualified(table)} as ${name} tablesample system (${percent}) repeatable (0)
      order by hashtext(${name}.ctid::text) limit ${SAMPLED_ROWS}
    ) as ${name}) as sampled`;
  try {
    return await database.transaction(async (tx) => {
      await tx.query(`select set_config('statement_timeout', :timeout, true) as timeout`, {
        timeout: `${SAMPLE_MS}ms`,
      });
      const [row] = await tx.query(sql);
      const { before: old, after: fresh } = row ?? {};
      if (typeof old !== 'number' || typeof fresh !== 'number') return undefined;
      return { before: old, after: fresh };
    });
  } catch (error) {
    // A row that fails, or one that takes long, is met and dealt with by its batch.
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}
