import type { DatabaseError } from '../../ports/database.ts';
import { BATCH_REFUSED } from '../../postgres/backfill/schema.ts';

/** What a failed batch calls for. Nothing of it was written, except after `unknown`. */
export type BatchFailure =
  /** Somebody holds a row: try again, then close in on it. */
  | 'contention'
  /** It ran into its time limit: make batches smaller. */
  | 'slow'
  /** The server cannot work just now: wait. */
  | 'unavailable'
  /** It may have been committed: ask the checkpoint. */
  | 'unknown'
  /** The fence or the checkpoint moved on: ask the checkpoint. */
  | 'refused'
  /** A row cannot be moved: close in on it. */
  | 'data'
  /** No row could be moved: the work itself is wrong. */
  | 'broken';

/**
 * SQLSTATE classes in which single rows are at fault: cardinality (21), data exception (22),
 * constraint (23), routine exceptions (38, 39), check option (44), a row too large for an index
 * (54), raised by PL/pgSQL (P0).
 */
const ROW_CLASSES: ReadonlySet<string> = new Set(['21', '22', '23', '38', '39', '44', '54', 'P0']);

export function classifyFailure(error: DatabaseError): BatchFailure {
  if (error.sqlstate === BATCH_REFUSED) return 'refused';
  if (ROW_CLASSES.has(error.sqlstate?.slice(0, 2) ?? '')) return 'data';
  switch (error.kind) {
    case 'lock-timeout':
    case 'serialization':
      return 'contention';
    case 'cancelled':
      return 'slow';
    case 'resources':
    case 'unreachable':
    case 'read-only':
      return 'unavailable';
    case 'outcome-unknown':
      return 'unknown';
    case 'constraint':
      return 'data';
    case 'already-exists':
    case 'does-not-exist':
    case 'denied':
    case 'statement':
      return 'broken';
  }
}
