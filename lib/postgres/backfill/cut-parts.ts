import type { KeyValue } from '../../core/backfill/key.ts';
import { comparison } from '../../core/backfill/range.ts';
import { type Part, splitAt } from '../../core/backfill/split.ts';
import { quoteIdentifier, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { Session } from '../../ports/database.ts';
import { KEY_ALIAS, keyColumns, keyOrder, readKey, type Walk } from './boundary.ts';

/**
 * Pages that are looked at: 4 MB, a fraction of a second. Rows that came one after the other are
 * neighbours, so a page counts as one sample: the middle of a table is found to 0.5 / sqrt(500) = 2%.
 */
const SAMPLED_PAGES = 500;

export interface TableSize {
  /** From the statistics of the table. */
  readonly estimatedRows: number;
  /** Undefined where it is not known; then all rows are looked at. */
  readonly rowsPerPage: number | undefined;
}

/**
 * Cuts the keys up to the goal into parts of about equally many rows: a sample of pages, in the
 * order of the key, is cut where its shares end. Works for every key that has an order, on
 * partitioned tables, and does not depend on when the table was analyzed; a small one is read whole.
 */
export async function cutParts(
  session: Session,
  walk: Walk,
  goal: KeyValue,
  count: number,
  size: TableSize,
): Promise<readonly Part[]> {
  if (count <= 1) return splitAt([], goal);
  const rows = await session.query(boundariesQuery(walk, goal, count, size));
  return splitAt(
    rows.flatMap((row) => {
      const key = readKey(walk, row);
      return key === undefined ? [] : [key];
    }),
    goal,
  );
}

function boundariesQuery(walk: Walk, goal: KeyValue, count: number, size: TableSize): string {
  const ends = Array.from({ length: count - 1 }, (_, index) => `total * ${index + 1} / ${count}`);
  return `select * from (
      select ${keyColumns(walk)}, count(*) over () as total,
        row_number() over (order by ${keyOrder(walk, 'asc')}) as place
      from ${quoteQualified(walk.table)} as ${quoteIdentifier(KEY_ALIAS)}${sample(size)}
      where ${comparison(walk.key, KEY_ALIAS, '<=', goal)}
    ) as sampled where place in (${ends.join(', ')}) order by place`;
}

function sample({ estimatedRows, rowsPerPage }: TableSize): string {
  const pages = rowsPerPage === undefined ? 0 : estimatedRows / rowsPerPage;
  return pages <= SAMPLED_PAGES
    ? ''
    : ` tablesample system (${((100 * SAMPLED_PAGES) / pages).toFixed(6)})`;
}
