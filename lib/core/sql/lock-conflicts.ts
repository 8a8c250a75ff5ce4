import { LOCK_MODES, type LockMode } from './lock-mode.ts';

/** Table 13.2, Conflicting Lock Modes: row = requested, listed = held by others and in the way. */
const CONFLICTS: Readonly<Record<LockMode, readonly LockMode[]>> = {
  AccessShareLock: ['AccessExclusiveLock'],
  RowShareLock: ['ExclusiveLock', 'AccessExclusiveLock'],
  RowExclusiveLock: ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'],
  ShareUpdateExclusiveLock: [
    'ShareUpdateExclusiveLock',
    'ShareLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  ShareLock: [
    'RowExclusiveLock',
    'ShareUpdateExclusiveLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  ShareRowExclusiveLock: [
    'RowExclusiveLock',
    'ShareUpdateExclusiveLock',
    'ShareLock',
    'ShareRowExclusiveLock',
    'ExclusiveLock',
    'AccessExclusiveLock',
  ],
  ExclusiveLock: LOCK_MODES.slice(1),
  AccessExclusiveLock: LOCK_MODES,
};

/** The modes that keep `wanted` waiting when another session holds them. */
export function conflictingModes(wanted: LockMode): readonly LockMode[] {
  return CONFLICTS[wanted];
}

/** What ordinary traffic cannot do while the mode is held, in words for an operator. */
export function blockedBy(
  mode: LockMode,
): 'nothing' | 'other schema changes' | 'writes' | 'reads and writes' {
  if (mode === 'AccessExclusiveLock') return 'reads and writes';
  if (CONFLICTS.RowExclusiveLock.includes(mode)) return 'writes';
  return mode === 'ShareUpdateExclusiveLock' ? 'other schema changes' : 'nothing';
}
