import { quoteLiteral, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { ScanResult } from '../../core/backfill/stage.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Database } from '../../ports/database.ts';

/** 64 MB: read in a fraction of a second, so that a pause or an abort is heard soon. */
const PAGES_AT_ONCE = 8_192;

/**
 * Looks through a whole table, in one snapshot, for rows that are still to be done. Reads only, and
 * locks no row; the snapshot keeps dead rows from being removed for as long as it takes.
 *
 * @param pending the condition of a row that is still to be done
 * @param tag marks the session as ours while it is between two statements
 * @param goesOn asked before each stretch of pages
 * @throws DatabaseError
 */
export async function closingScan(
  database: Database,
  table: TableName,
  pending: string,
  tag: string,
  goesOn: () => Promise<boolean>,
): Promise<ScanResult> {
  const name = quoteQualified(table);
  return await database.transaction<ScanResult>(async (tx) => {
    await tx.execute('set transaction isolation level repeatable read, read only');
    const pages = Number(
      (
        await tx.query(`/* ${tag} */ select (pg_relation_size(${quoteLiteral(name)}::regclass)
          / current_setting('block_size')::int8)::text as pages`)
      )[0]?.['pages'],
    );
    for (let page = 0; page < pages; page += PAGES_AT_ONCE) {
      if (!(await goesOn())) return { kind: 'cut-short' };
      const [row] = await tx.query(`/* ${tag} */ select exists (
        select from ${name} where ctid >= '(${page},0)' and ctid < '(${page + PAGES_AT_ONCE},0)'
          and ${pending}) as found`);
      if (row?.['found'] === true) return { kind: 'rows-left', goal: [`(${pages},0)`] };
    }
    return { kind: 'nothing-left' };
  });
}
