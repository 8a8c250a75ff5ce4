/** A value of a payload. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** `ErrorEquals` and how often to try again. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  /** @default 1 */
  readonly IntervalSeconds?: number;
  /** @default 3 */
  readonly MaxAttempts?: number;
  /** @default 2 */
  readonly BackoffRate?: number;
  /** @default - no bound */
  readonly MaxDelaySeconds?: number;
  /** @default 'NONE' */
  readonly JitterStrategy?: 'NONE' | 'FULL';
}

/** `ErrorEquals` and where to go. */
export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  /** @default '$', which replaces the whole input by the error */
  readonly ResultPath?: string | null;
}

interface InputAndOutput {
  readonly Comment?: string;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
}

interface Transition {
  readonly Next?: string;
  readonly End?: boolean;
}

/** Calls a Lambda function, once or until somebody reports back with the task token. */
export interface TaskState extends InputAndOutput, Transition {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Parameters?: Json;
  readonly ResultSelector?: Json;
  readonly ResultPath?: string | null;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number;
  readonly HeartbeatSecondsPath?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

/** Passes its input, or a fixed result, on. */
export interface PassState extends InputAndOutput, Transition {
  readonly Type: 'Pass';
  readonly Result?: Json;
  readonly Parameters?: Json;
  readonly ResultPath?: string | null;
}

/** Lets time pass. */
export interface WaitState extends InputAndOutput, Transition {
  readonly Type: 'Wait';
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

/** Routes on the first rule that holds. */
export interface ChoiceState extends InputAndOutput {
  readonly Type: 'Choice';
  readonly Choices: readonly ({ readonly Next: string } & { readonly [key: string]: Json })[];
  readonly Default?: string;
}

/** Ends the execution well. */
export interface SucceedState extends InputAndOutput {
  readonly Type: 'Succeed';
}

/** Ends the execution badly, with a name that alarms can match. */
export interface FailState {
  readonly Type: 'Fail';
  readonly Comment?: string;
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}

/** The states of the Amazon States Language that the embedded runtime executes. */
export type State = TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState;

/** A validated definition (see `parseDefinition`). */
export interface Definition {
  readonly StartAt: string;
  readonly Comment?: string;
  /** Seconds after which the whole execution is TIMED_OUT; no Catch runs. @default - never */
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}
