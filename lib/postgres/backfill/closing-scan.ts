import { rangePredicate } from '../../core/backfill/range.ts';
import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { ScanResult } from '../../core/backfill/stage.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Database } from '../../ports/database.ts';
import { PAGE_KEY } from './page-walk.ts';
import { type SnapshotScan, scanInSnapshot } from './snapshot-scan.ts';

/**
 * Looks through a whole table, in one snapshot, for rows that are still to be done.
 * @param pending the condition of a row that is still to be done
 * @throws DatabaseError
 */
export async function closingScan(
  database: Database,
  table: TableName,
  pending: string,
  { tag, goesOn }: Pick<SnapshotScan, 'tag' | 'goesOn'>,
): Promise<ScanResult> {
  const end = await scanInSnapshot(database, table, {
    tag,
    goesOn,
    visit: async (tx, range) => {
      const [row] = await tx.query(`/* ${tag} */ select exists (
        select from ${quoteQualified(table)}
        where ${rangePredicate(PAGE_KEY, table.name, range)} and ${pending}) as found`);
      return row?.['found'] !== true;
    },
  });
  switch (end.kind) {
    case 'whole':
      return { kind: 'nothing-left' };
    case 'enough':
      return { kind: 'rows-left', goal: [end.behind] };
    case 'cut-short':
      return end;
  }
}
