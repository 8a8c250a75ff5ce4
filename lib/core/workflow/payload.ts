import type { StopName } from '../gates/gate.ts';
import type { ExecutionId } from '../ids.ts';

/**
 * The format of what a run is started with and of what each of its tasks is sent. It grows when a
 * reader of the one before could misread it; `executionId` and `run` stay what they are in every
 * format, so that whoever refuses one can say of which execution. An old command line, or a state
 * machine that a deployment left behind, is refused by it before anything is changed.
 */
export const PAYLOAD_FORMAT = 1;

/**
 * What travels through the state machine. Cursors, plans and decisions live in durable stores;
 * the payload only says which execution, so no state can act on something stale.
 */
export interface WorkflowInput {
  readonly executionId: ExecutionId;
  /** `forward` starts, `resume` goes on from durable state, `rollback` only goes back. */
  readonly mode: 'forward' | 'resume' | 'rollback';
}

/** What each task state sends to its handler, beside the format. */
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
