import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { DatabaseError } from '../../ports/database.ts';
import { describeSession, lockHolders } from '../../postgres/sessions.ts';
import type { OpenSlice } from './open-slice.ts';

/**
 * Who probably holds the row that a batch could not get: the oldest transaction that changes or
 * locks rows of the table. Row locks are in no view, so the row itself cannot be looked up.
 */
export async function rowHolder(slice: OpenSlice, error: DatabaseError): Promise<string> {
  const relation = quoteQualified(slice.step.table);
  // This mode conflicts with what UPDATE takes on the table and with what SELECT FOR UPDATE takes.
  const [oldest] = await lockHolders(slice.context.database, [{ relation, mode: 'ExclusiveLock' }]);
  const holder = oldest === undefined ? 'already gone' : describeSession(oldest);
  return `a row of ${relation} is locked (${error.message}); likely holder: ${holder}`;
}
