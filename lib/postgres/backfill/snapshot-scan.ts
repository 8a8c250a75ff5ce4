import type { KeyRange } from '../../core/backfill/range.ts';
import { quoteLiteral, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Database, Session } from '../../ports/database.ts';

/** 64 MB: read in a fraction of a second, so that a pause or an abort is heard soon. */
const PAGES_AT_ONCE = 8_192;

export interface SnapshotScan {
  /** Marks the session as ours while it is between two statements. */
  readonly tag: string;
  /** Asked before each stretch of pages. */
  goesOn(): Promise<boolean>;
  /** Reads a stretch, a range of places. @returns false to end the scan: enough is known */
  visit(tx: Session, range: KeyRange): Promise<boolean>;
}

/** How a scan ended, and the first place behind the table as it was in the snapshot. */
export type ScanEnd =
  | { readonly kind: 'whole' | 'enough'; readonly behind: string }
  | { readonly kind: 'cut-short' };

/**
 * Reads a whole table in one snapshot, in the order of its pages: in a snapshot each row is in
 * exactly one place. Locks no row; the snapshot keeps dead rows from being removed for as long as it
 * takes.
 * @throws DatabaseError, and what `scan` throws
 */
export async function scanInSnapshot(
  database: Database,
  table: TableName,
  { tag, goesOn, visit }: SnapshotScan,
): Promise<ScanEnd> {
  return await database.transaction<ScanEnd>(async (tx) => {
    await tx.execute('set transaction isolation level repeatable read, read only');
    const [size] = await tx.query(
      `/* ${tag} */ select (pg_relation_size(${quoteLiteral(quoteQualified(table))}::regclass)
        / current_setting('block_size')::int8)::text as pages`,
    );
    const pages = Number(size?.['pages']);
    const behind = `(${pages},0)`;
    for (let page = 0; page < pages; page += PAGES_AT_ONCE) {
      if (!(await goesOn())) return { kind: 'cut-short' };
      const through = [`(${page + PAGES_AT_ONCE},0)`];
      const range = { after: [`(${page},0)`], through, stride: undefined };
      if (!(await visit(tx, range))) return { kind: 'enough', behind };
    }
    return { kind: 'whole', behind };
  });
}
