/**
 * The distinct ways an execution of the state machine can end badly. Alarms and responders key
 * on these names, so they are static in the definition and never computed.
 */
export const FAILURES = {
  MigrationRejected: 'refused before anything was changed; see the execution for the reason',
  MigrationRolledBack: 'the migration did not go through; every applied step was undone',
  RollbackFailed: 'a step could not be undone; the execution says which one and what to do',
  ForwardFixRequired:
    'the final phase failed after the point of no structural return; fix forward or restore the snapshot',
  UnknownVersion:
    'made by another version of Lockkeeper; nothing was changed; deploy that version, then resume',
} as const;

/** The same for the state machine of restores. */
export const RESTORE_FAILURES = {
  RestoreRejected: 'refused before anything of the original cluster was changed',
  RestoreFailed:
    'stopped half way; resume goes on where it stopped, see the restore for the reason',
} as const;

export type FailureName = keyof typeof FAILURES | keyof typeof RESTORE_FAILURES;
