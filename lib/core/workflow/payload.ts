import type { StopName } from '../gates/gate.ts';
import type { ExecutionId } from '../ids.ts';

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
  readonly gate: StopName;
  /** Only on the state that waits; a secret. */
  readonly taskToken?: string;
}

/** Which of the two snapshots. */
export const SNAPSHOT_MOMENTS = ['before-expand', 'before-contract'] as const;
export type SnapshotMoment = (typeof SNAPSHOT_MOMENTS)[number];

export interface SnapshotTaskInput extends TaskInput {
  readonly moment: SnapshotMoment;
}

/** What the handlers of a restore are asked to do; each is a state of its own. */
export const RESTORE_STEPS = [
  'source',
  'cluster',
  'instance',
  'data-api',
  'verify',
  'hold',
  'protect',
  'move-away',
  'move-in',
  'toggle',
  'verify-again',
  'reconcile',
] as const;
export type RestoreStep = (typeof RESTORE_STEPS)[number];

export interface RestoreTaskInput extends TaskInput {
  readonly step: RestoreStep;
}

export const FINISH_RESULTS = [
  'succeeded',
  'rejected',
  'forward-fix-required',
  'rollback-failed',
  'rolled-back',
  'restored',
  'restore-rejected',
  'restore-failed',
] as const;
export type FinishResult = (typeof FINISH_RESULTS)[number];

export interface FinishTaskInput extends TaskInput {
  readonly result: FinishResult;
}
