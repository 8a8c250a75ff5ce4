import type { EpochMs, ExecutionId, MigrationId } from '../ids.ts';

/** What happened, for dashboards, pipelines and the audit trail. No secrets, no row content. */
export interface LockkeeperEvent<Kind extends EventKind = EventKind> {
  readonly kind: Kind;
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

/** What the audit trail keeps: who decided what, and what came of it. */
export const TRAIL_KINDS = [
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
export type TrailKind = (typeof TRAIL_KINDS)[number];

/** How a backfill is doing, for whoever listens; nobody decided it, and the trail does not keep it. */
export type BackfillNewsKind = 'BackfillProgressed' | 'BackfillHeld' | 'BackfillWentOn';

/** EventBridge detail types are these words; `docs/formats.md` promises them. */
export type EventKind = TrailKind | BackfillNewsKind;
