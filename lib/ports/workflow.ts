import type { EpochMs } from '../core/ids.ts';
import type { WorkflowInput } from '../core/workflow/payload.ts';

/** The durable engine that drives an execution from state to state (AWS Step Functions). */
export interface Workflow {
  /** Idempotent by name while it runs. @returns the run's address (an execution ARN on AWS) */
  start(name: string, input: WorkflowInput): Promise<string>;
  describe(run: string): Promise<WorkflowRun>;
  /** Wakes a state that waits with this token. `gone` when nobody waits with it any more. */
  wake(taskToken: string): Promise<'woken' | 'gone'>;
  /** The states it has been in, oldest first. */
  history(run: string): Promise<readonly WorkflowEvent[]>;
}

export interface WorkflowRun {
  readonly run: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly startedAt: EpochMs;
  readonly stoppedAt: EpochMs | undefined;
  /** The name of the `Fail` state's error, where it failed. */
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

export interface WorkflowEvent {
  readonly at: EpochMs;
  /** Such as `TaskStateEntered`. */
  readonly type: string;
  /** The plain English state name, where the event has one. */
  readonly state: string | undefined;
}
