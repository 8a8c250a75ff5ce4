import type { KeyRange } from '../../core/backfill/range.ts';
import { countRepaired } from '../../postgres/backfill/parity-progress.ts';
import {
  type Comparison,
  mismatchCondition,
  type ParityClaim,
} from '../../postgres/backfill/parity-statement.ts';
import { repairWork } from '../../postgres/backfill/work.ts';
import { requireFence } from '../../postgres/ledger/fence.ts';
import type { OpenSlice } from './open-slice.ts';

/** Rows are locked until the commit; at a slow 10,000 rows/s these are a tenth of a second. */
const ROWS_AT_ONCE = 1_000;

/**
 * Moves the rows of a range again that differ, a few at a time, each time under the fence. Whether
 * it helped is what the next pass finds out.
 * @throws FencedError, DatabaseError
 */
export async function repairRange(
  { context: { database }, step, work }: OpenSlice,
  comparison: Comparison,
  claim: Omit<ParityClaim, 'revision'>,
  range: KeyRange,
): Promise<void> {
  const condition = mismatchCondition(comparison, range, ROWS_AT_ONCE);
  const repair = repairWork(step, work).counted(condition);
  for (;;) {
    const moved = await database.transaction(async (tx) => {
      await requireFence(tx, claim.fence);
      await tx.query(`select set_config('lock_timeout', '1s', true) as lock_timeout`);
      const rows = await tx.query(repair);
      const count = Number(rows[0]?.['moved']);
      await countRepaired(tx, claim, count);
      return count;
    });
    if (moved < ROWS_AT_ONCE) return;
  }
}
