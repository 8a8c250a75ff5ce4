import type { Tuning } from '../backfill/tuning.ts';
import type { Checksum, EpochMs, ExecutionId, MigrationId, PlanHash } from '../ids.ts';
import type { RestoreOrder } from '../restore/order.ts';

/** One run of a plan on one target, or one restore of it, as the control store knows it. */
export interface Execution {
  readonly executionId: ExecutionId;
  readonly migrationId: MigrationId;
  readonly title: string;
  readonly checksum: Checksum;
  readonly environment: string;
  /** `<cluster identifier>/<database>`: what the lease is taken on; known once it was prepared. */
  readonly target: string | undefined;
  readonly startedBy: string;
  readonly startedAt: EpochMs;
  readonly status: ExecutionStatus;
  /** What it is doing, in the words of the state names; for people. */
  readonly activity: string;
  readonly planHash: PlanHash | undefined;
  /** What it restores; undefined for the run of a plan. */
  readonly restore?: RestoreOrder | undefined;
  /** Every workflow that worked on it: the first start, then each resume or rollback. */
  readonly runs: readonly ExecutionRun[];
  readonly finishedAt: EpochMs | undefined;
  /** Why it ended as it did, or why it is going back. */
  readonly reason: string | undefined;
}

export interface ExecutionRun {
  /** The address of the workflow's run (an execution ARN). */
  readonly run: string;
  readonly mode: 'forward' | 'resume' | 'rollback';
  readonly startedAt: EpochMs;
  readonly startedBy: string;
}

export const EXECUTION_STATUSES = [
  'starting',
  'running',
  'rolling-back',
  'succeeded',
  'rejected',
  'rolled-back',
  'rollback-failed',
  'forward-fix-required',
  /** Its database was taken back in time to the middle of it. */
  'restored',
  /** A restore that stopped half way. */
  'restore-failed',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** Whether nothing will happen to it any more unless somebody starts something. */
export function isFinished(status: ExecutionStatus): boolean {
  switch (status) {
    case 'succeeded':
    case 'rejected':
    case 'rolled-back':
      return true;
    case 'starting':
    case 'running':
    case 'rolling-back':
    case 'rollback-failed':
    case 'forward-fix-required':
    case 'restored':
    case 'restore-failed':
      return false;
  }
}

/** Requests that a running execution reads before each step and each batch. */
export interface ExecutionFlags {
  readonly paused: boolean;
  readonly abort:
    | { readonly by: string; readonly reason: string; readonly at: EpochMs }
    | undefined;
  /** How the pace was changed during the run; absent: it was not. */
  readonly tuning?: Tuning | undefined;
  /** Who accepted that rows in quarantine stay as they are: those that were there at that time. */
  readonly quarantineAccepted?:
    | { readonly by: string; readonly reason: string; readonly at: EpochMs }
    | undefined;
}
