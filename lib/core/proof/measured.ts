import type { LockMode } from '../sql/lock-mode.ts';
import type { SqlName } from '../sql/sql-name.ts';

/** What statements of one transaction were seen to do, on relations that were there before. */
export interface Measured {
  /** The strongest mode that was held on each relation; ACCESS SHARE is left out. */
  readonly locks: readonly MeasuredLock[];
  /** Relations whose rows were written into a new file. */
  readonly rewritten: readonly SqlName[];
  /** Relations that were read from end to end. */
  readonly scanned: readonly SqlName[];
  /**
   * False: it ran outside a transaction and was seen only while it waited for somebody, so that
   * what was not seen may have happened all the same.
   */
  readonly complete: boolean;
}

export interface MeasuredLock {
  readonly relation: SqlName;
  readonly mode: LockMode;
}
