import type { EpochMs, ExecutionId, MigrationId } from '../ids.ts';

/** What happened, for dashboards, pipelines and the audit trail. No secrets, no row content. */
export interface LockkeeperEvent {
  readonly kind: EventKind;
  readonly at: EpochMs;
  readonly executionId: ExecutionId;
  readonly migrationId: MigrationId;
  /** Who caused it, where a person or a pipeline did. */
  readonly by?: string;
  /** Why, in that person's words. */
  readonly reason?: string;
  /** Small facts of the event, JSON values. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** EventBridge detail types are these words; `docs/formats.md` promises them. */
export const EVENT_KINDS = [
  'ExecutionStarted',
  'ExecutionRejected',
  'ExecutionResumed',
  'ExecutionSucceeded',
  'ExecutionRolledBack',
  'RollbackFailed',
  'ForwardFixRequired',
  'PlanReady',
  'TargetWarned',
  'SnapshotStarted',
  'SnapshotAvailable',
  'PhaseStarted',
  'PhaseHeld',
  'PhaseFinished',
  'ParityProved',
  'ParityBroken',
  'SchemaDrifted',
  'ClusterRemoved',
  'StepFinished',
  'StepFailed',
  'GateOpened',
  'GateDecided',
  'GateExpired',
  'SignalReceived',
  'Paused',
  'Resumed',
  'Tuned',
  'QuarantineAccepted',
  'AbortRequested',
  'RestoreStarted',
  'RestoreVerified',
  'OldClusterFrozen',
  'RestoreTakenOver',
  'LedgerReconciled',
  'RestoreFinished',
  'RestoreRejected',
  'RestoreFailed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
