import type { ExecutionId } from '../ids.ts';
import type { GateName } from '../migration/migration.ts';

/**
 * What travels through the state machine. Cursors, plans and decisions live in durable stores;
 * the payload only says which execution, so no state can act on something stale.
 */
export interface WorkflowInput {
  readonly executionId: ExecutionId;
  /** `forward` starts, `resume` goes on from durable state, `rollback` only goes back. */
  readonly mode: 'forward' | 'resume' | 'rollback';
}

/** What each task state sends to its handler. */
export interface TaskInput extends WorkflowInput {
  /** Step Functions' own id of the run, for logs. */
  readonly run: string;
}

export interface GateTaskInput extends TaskInput {
  readonly gate: GateName;
  /** Only on the state that waits; a secret. */
  readonly taskToken?: string;
}

/** Which of the two snapshots. */
export const SNAPSHOT_MOMENTS = ['before-expand', 'before-contract'] as const;
export type SnapshotMoment = (typeof SNAPSHOT_MOMENTS)[number];

export interface SnapshotTaskInput extends TaskInput {
  readonly moment: SnapshotMoment;
}

export const FINISH_RESULTS = [
  'succeeded',
  'rejected',
  'forward-fix-required',
  'rollback-failed',
  'rolled-back',
] as const;
export type FinishResult = (typeof FINISH_RESULTS)[number];

export interface FinishTaskInput extends TaskInput {
  readonly result: FinishResult;
}
