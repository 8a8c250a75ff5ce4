import type { Expectation } from '../../core/migration/migration.ts';
import { type Database, DatabaseError, isPassing, type Row } from '../../ports/database.ts';

export type CheckOutcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'not-held'; readonly reason: string }
  | { readonly kind: 'unanswered'; readonly reason: string };

/**
 * One read-only question to the database. 40 s keep the answer inside the Data API's 45 s, so a
 * question that takes too long fails with our words and not with a lost call.
 */
const CHECK_TIMEOUT_MS = 40_000;

export async function runCheck(
  database: Database,
  check: { readonly query: string; readonly expect: Expectation },
): Promise<CheckOutcome> {
  let rows: readonly Row[];
  try {
    rows = await database.transaction(async (tx) => {
      await tx.query(
        `select set_config('transaction_read_only', 'on', true) as read_only,
                set_config('statement_timeout', :timeout, true) as statement_timeout`,
        { timeout: `${CHECK_TIMEOUT_MS}ms` },
      );
      return tx.query(check.query);
    });
  } catch (error) {
    // Trouble that passes is no answer: the same question is asked again later.
    if (!(error instanceof DatabaseError) || isPassing(error)) throw error;
    const slow = error.kind === 'cancelled' ? ` within ${CHECK_TIMEOUT_MS / 1_000} s` : '';
    return { kind: 'unanswered', reason: `the question was not answered${slow}: ${error.message}` };
  }
  return compare(rows, check.expect);
}

/** Compares as text, because that is how a value was written in the migration file. */
export function compare(rows: readonly Row[], expect: Expectation): CheckOutcome {
  if (expect.kind === 'no-rows') {
    return rows.length === 0
      ? { kind: 'held' }
      : { kind: 'not-held', reason: `expected no rows, found ${rows.length}` };
  }
  const [row] = rows;
  const columns = row === undefined ? [] : Object.values(row);
  if (rows.length !== 1 || columns.length !== 1) {
    return {
      kind: 'not-held',
      reason: `expected one row with one column, found ${rows.length} rows with ${columns.length} columns`,
    };
  }
  const found = columns[0] === undefined ? null : columns[0];
  return String(found) === String(expect.value)
    ? { kind: 'held' }
    : { kind: 'not-held', reason: `expected ${String(expect.value)}, found ${String(found)}` };
}
