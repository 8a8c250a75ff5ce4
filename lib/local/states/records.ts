/** A state machine as it is stored. */
export interface StateMachineRecord {
  readonly name: string;
  readonly arn: string;
  /** The text that `CreateStateMachine` was given. */
  readonly definition: string;
  readonly roleArn: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Changes with each update. */
  readonly revisionId: string;
}

/** What is known from the start of an execution and never changes. */
export interface ExecutionStart {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineName: string;
  /** Version number or alias that it was started through. */
  readonly qualifier?: string;
  readonly roleArn: string;
  /** JSON text. */
  readonly input: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** How an execution ended; `stoppedAt` is epoch milliseconds. */
export type ExecutionEnd =
  | { readonly status: 'SUCCEEDED'; readonly stoppedAt: number; readonly output: string }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly stoppedAt: number;
      readonly error?: string;
      readonly cause?: string;
    };

/** An execution as it is stored. */
export type ExecutionRecord = ExecutionStart & ({ readonly status: 'RUNNING' } | ExecutionEnd);

/** `status` of an execution; PENDING_REDRIVE does not exist for standard workflows without maps. */
export type ExecutionStatus = ExecutionRecord['status'];

/** Every status that a list can be filtered by. */
export const EXECUTION_STATUSES = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
] as const satisfies readonly ExecutionStatus[];
