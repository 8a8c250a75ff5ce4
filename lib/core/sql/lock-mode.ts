/** PostgreSQL's table lock modes, weakest first. The order is that of lockdefs.h (1 to 8). */
export const LOCK_MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
] as const;

export type LockMode = (typeof LOCK_MODES)[number];

/** Positive when `a` is stronger than `b`. */
export function compareLockModes(a: LockMode, b: LockMode): number {
  return LOCK_MODES.indexOf(a) - LOCK_MODES.indexOf(b);
}

/** The strongest of them; undefined when there are none. */
export function strongestOf(modes: readonly LockMode[]): LockMode | undefined {
  return modes.toSorted(compareLockModes).at(-1);
}

/** @param number as in lockdefs.h and in the parse tree of LOCK TABLE, 1 to 8 */
export function lockModeOfNumber(number: number): LockMode | undefined {
  return LOCK_MODES[number - 1];
}
