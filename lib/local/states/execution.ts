import { stateMachineArn } from './arns.ts';
import { boundedJson } from './data-limit.ts';
import type { FunctionInvoker } from './function-invoker.ts';
import type { History } from './history.ts';
import { interpret } from './interpret.ts';
import type { ExecutionEnd, ExecutionRecord, ExecutionStart } from './records.ts';
import { RUNTIME_ERROR, StateError, TIMEOUT } from './state-error.ts';
import type { Definition } from './states-language.ts';
import { ExecutionHalted } from './task-attempt.ts';
import type { TaskTokens } from './task-tokens.ts';
import { elapse } from './timer.ts';

/** What every execution of the service works with. */
export interface ExecutionServices {
  readonly lambda: FunctionInvoker;
  readonly tokens: TaskTokens;
  readonly waitScale: number;
  readonly random: () => number;
  /** Called with each new status; persists it and tells the event bus. */
  readonly onChange: (execution: ExecutionRecord) => void;
}

/** A running execution: started once, ended once, by its states or from outside. */
export class Execution {
  readonly #start: ExecutionStart;
  readonly #history: History;
  readonly #services: ExecutionServices;
  readonly #halt = new AbortController();
  #isOver = false;

  constructor(start: ExecutionStart, history: History, services: ExecutionServices) {
    this.#start = start;
    this.#history = history;
    this.#services = services;
  }

  /** Runs to the end. Never rejects: whatever happens becomes the status of the execution. */
  async run(definition: Definition): Promise<void> {
    const { input, roleArn } = this.#start;
    this.#services.onChange({ ...this.#start, status: 'RUNNING' });
    this.#history.record('ExecutionStarted', {
      executionStartedEventDetails: { input, inputDetails: { truncated: false }, roleArn },
    });
    if (definition.TimeoutSeconds !== undefined) void this.#expire(definition.TimeoutSeconds);
    try {
      const output = await interpret(definition, JSON.parse(input), this.#surroundings());
      this.#succeed(boundedJson(output, 'The execution returned an output'));
    } catch (error) {
      if (error instanceof ExecutionHalted) return;
      const { error: name, causeText } = asStateError(error);
      this.#fail('FAILED', name, causeText);
    }
  }

  /** `StopExecution`: ABORTED at once, no Catch runs, a function that is running runs on. */
  stop(error: string | undefined, cause: string | undefined): void {
    this.#fail('ABORTED', error, cause);
  }

  /** The process is going: nothing is recorded any more, so the next start finds what a crash would have left. */
  abandon(): void {
    this.#isOver = true;
    this.#history.abandon();
    this.#halt.abort();
  }

  async #expire(seconds: number): Promise<void> {
    const expired = await elapse(seconds * 1_000, this.#halt.signal);
    if (expired) this.#fail('TIMED_OUT', TIMEOUT, undefined);
  }

  #surroundings(): Parameters<typeof interpret>[2] {
    const { arn, name, stateMachineName, input, startedAt, roleArn } = this.#start;
    return {
      ...this.#services,
      executionArn: arn,
      history: this.#history,
      signal: this.#halt.signal,
      context: {
        Execution: {
          Id: arn,
          Name: name,
          Input: JSON.parse(input),
          StartTime: new Date(startedAt).toISOString(),
          RoleArn: roleArn,
          RedriveCount: 0,
        },
        StateMachine: { Id: stateMachineArn(stateMachineName), Name: stateMachineName },
      },
    };
  }

  #succeed(output: string): void {
    this.#end({ status: 'SUCCEEDED', stoppedAt: Date.now(), output }, 'ExecutionSucceeded', {
      executionSucceededEventDetails: { output, outputDetails: { truncated: false } },
    });
  }

  #fail(
    status: 'FAILED' | 'TIMED_OUT' | 'ABORTED',
    error: string | undefined,
    cause: string | undefined,
  ): void {
    const reason = {
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
    const { type, details } = TERMINAL_EVENTS[status];
    this.#end({ status, stoppedAt: Date.now(), ...reason }, type, { [details]: reason });
  }

  #end(end: ExecutionEnd, type: string, details: Parameters<History['end']>[1]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // The record first: after a crash in between, the status is right and only the last event is missing.
    this.#services.onChange({ ...this.#start, ...end });
    this.#history.end(type, details);
    this.#halt.abort();
  }
}

/** The event that ends a history, by status. */
export const TERMINAL_EVENTS = {
  FAILED: { type: 'ExecutionFailed', details: 'executionFailedEventDetails' },
  TIMED_OUT: { type: 'ExecutionTimedOut', details: 'executionTimedOutEventDetails' },
  ABORTED: { type: 'ExecutionAborted', details: 'executionAbortedEventDetails' },
} as const;

/** A defect of the embedded runtime must not take the process down: it fails the execution, with its stack. */
function asStateError(error: unknown): StateError {
  if (error instanceof StateError) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new StateError(RUNTIME_ERROR, `the embedded runtime failed: ${detail}`);
}
