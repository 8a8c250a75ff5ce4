import type { Row } from '../../ports/database.ts';
import { tagOf } from '../../postgres/backfill/batch-statement.ts';
import { PAGE_KEY } from '../../postgres/backfill/page-walk.ts';
import type { ParityCount } from '../../postgres/backfill/parity-progress.ts';
import { type Comparison, countQuery } from '../../postgres/backfill/parity-statement.ts';
import { scanInSnapshot } from '../../postgres/backfill/snapshot-scan.ts';
import type { OpenSlice } from './open-slice.ts';

export type SnapshotComparison =
  | { readonly kind: 'equal'; readonly count: ParityCount }
  /** Some row differs: a walk by the key finds out which. */
  | { readonly kind: 'different' }
  | { readonly kind: 'cut-short' };

export interface ComparisonWatch {
  goesOn(): Promise<boolean>;
  /** Runs a query that takes a fraction of a second, and looks at the load meanwhile. */
  alongside(query: () => Promise<readonly Row[]>): Promise<readonly Row[]>;
  compared(rows: number): Promise<void>;
}

/**
 * Compares every row in the order of the pages. A walk by a key in random order reads each page as
 * many times as it has rows; in one snapshot, places are as good as keys.
 */
export async function compareInSnapshot(
  { context, step }: OpenSlice,
  comparison: Comparison,
  watch: ComparisonWatch,
): Promise<SnapshotComparison> {
  const byPages = {
    ...comparison,
    walk: { table: step.table, key: PAGE_KEY, rowKey: step.key },
  };
  const claim = { fence: context.fence, stepId: step.stepId };
  let count: ParityCount = { compared: 0, expected: 0n, actual: 0n };
  const end = await scanInSnapshot(context.database, step.table, {
    tag: tagOf(claim),
    goesOn: watch.goesOn,
    visit: async (tx, range) => {
      const [row] = await watch.alongside(() => tx.query(countQuery(byPages, claim, range)));
      count = {
        compared: count.compared + Number(row?.['compared']),
        expected: count.expected + BigInt(String(row?.['expected'])),
        actual: count.actual + BigInt(String(row?.['actual'])),
      };
      await watch.compared(count.compared);
      return row?.['different'] === '0';
    },
  });
  if (end.kind === 'cut-short') return end;
  const equal = end.kind === 'whole' && count.expected === count.actual;
  return equal ? { kind: 'equal', count } : { kind: 'different' };
}
