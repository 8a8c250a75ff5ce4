import { AwsError } from '../http/aws-error.ts';
import type { InvocationOutcome } from '../lambda/invocation.ts';
import { boundedJson } from './data-limit.ts';
import type { FunctionInvoker } from './function-invoker.ts';
import type { History } from './history.ts';
import { invokeResult } from './invoke-result.ts';
import { HEARTBEAT_TIMEOUT, RUNTIME_ERROR, StateError, TIMEOUT } from './state-error.ts';
import type { Json } from './states-language.ts';
import { taskEvents } from './task-events.ts';
import type { TaskResource } from './task-resource.ts';
import type { OpenTask } from './task-tokens.ts';
import { elapse } from './timer.ts';

/** One attempt of a Task state, its parameters already evaluated. */
export interface TaskAttempt {
  readonly stateName: string;
  readonly resource: TaskResource;
  readonly parameters: Json;
  /** Seconds until `States.Timeout`. */
  readonly timeoutSeconds: number;
  /** Seconds between heartbeats until `States.HeartbeatTimeout`. @default - none are expected */
  readonly heartbeatSeconds: number | undefined;
  /** Only for `waitForTaskToken`. */
  readonly callback: OpenTask | undefined;
}

/** What an attempt works with. */
export interface TaskSurroundings {
  readonly lambda: FunctionInvoker;
  readonly history: History;
  /** Aborted when the execution is over for another reason. */
  readonly signal: AbortSignal;
}

/** The execution was stopped from outside while a state was active; nobody is left to tell. */
export class ExecutionHalted extends Error {}

/**
 * Calls the function and waits for the result, the callback, a timeout or the end of the execution, whichever is first.
 * A function that timed out here runs on, as it does on AWS.
 *
 * @throws StateError with the name that Retry and Catch see
 */
export async function attemptTask(
  attempt: TaskAttempt,
  { lambda, history, signal }: TaskSurroundings,
): Promise<Json> {
  const events = taskEvents(attempt, history);
  const over = new AbortController();
  const watch = AbortSignal.any([signal, over.signal]);
  events.scheduled();
  events.started();
  try {
    const result = await Promise.race([
      attempt.callback === undefined
        ? call(attempt, lambda)
        : notifyAndAwait(attempt, attempt.callback, lambda, () => over.signal.aborted, events),
      timeout(attempt, watch),
      silence(attempt, watch),
      halt(signal, watch),
    ]);
    const text = boundedJson(result, `The state/task '${attempt.stateName}' returned a result`);
    events.succeeded(text);
    return result;
  } catch (error) {
    if (error instanceof StateError) events.failed(error);
    throw error;
  } finally {
    over.abort();
    attempt.callback?.close();
  }
}

async function call(attempt: TaskAttempt, lambda: FunctionInvoker): Promise<Json> {
  const { resource, parameters } = attempt;
  if (resource.kind === 'function') {
    return payloadOf(await invoke(lambda, resource.functionArn, parameters));
  }
  const { reference, payload } = invokeRequest(parameters);
  return invokeResult(payloadOf(await invoke(lambda, reference, payload)));
}

/** Calls the notifier; its result is only recorded, its failure fails the state at once. */
async function notifyAndAwait(
  attempt: TaskAttempt,
  callback: OpenTask,
  lambda: FunctionInvoker,
  isOver: () => boolean,
  events: ReturnType<typeof taskEvents>,
): Promise<Json> {
  const notified = call(attempt, lambda).then((result) => {
    if (!isOver()) events.submitted(JSON.stringify(result));
    return callback.report;
  });
  const report = await Promise.race([callback.report, notified]);
  if (report.kind === 'succeeded') return report.output;
  throw new StateError(report.error, report.cause);
}

async function invoke(
  lambda: FunctionInvoker,
  reference: string,
  payload: Json,
): Promise<InvocationOutcome> {
  try {
    return await lambda.invoke(reference, payload);
  } catch (error) {
    if (error instanceof AwsError) throw new StateError(`Lambda.${error.code}`, error.message);
    throw error;
  }
}

/** A failed function fails the state: the thrown name is the error, the whole report is the cause. */
function payloadOf(outcome: InvocationOutcome): Json {
  if (outcome.kind === 'returned') return outcome.payload as Json;
  const { errorType } = outcome.functionError;
  throw new StateError(errorType, JSON.stringify(outcome.functionError));
}

function invokeRequest(parameters: Json): { readonly reference: string; readonly payload: Json } {
  const { FunctionName, Payload, Qualifier } = (parameters ?? {}) as Record<string, Json>;
  if (typeof FunctionName !== 'string') {
    throw new StateError(
      RUNTIME_ERROR,
      `The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: [The field 'FunctionName' is required but was missing]`,
    );
  }
  const reference = Qualifier === undefined ? FunctionName : `${FunctionName}:${Qualifier}`;
  return { reference, payload: Payload ?? {} };
}

async function timeout(attempt: TaskAttempt, watch: AbortSignal): Promise<never> {
  const isLate = await elapse(attempt.timeoutSeconds * 1_000, watch);
  if (isLate) throw new StateError(TIMEOUT, '');
  return forever();
}

/** Each heartbeat restarts the wait, so the time left is taken from the last one. */
async function silence(attempt: TaskAttempt, watch: AbortSignal): Promise<never> {
  if (attempt.heartbeatSeconds === undefined) return forever();
  const startedAt = Date.now();
  const limitMs = attempt.heartbeatSeconds * 1_000;
  const left = () => (attempt.callback?.lastBeatAt() ?? startedAt) + limitMs - Date.now();
  while (await elapse(left(), watch)) {
    if (left() <= 0) throw new StateError(HEARTBEAT_TIMEOUT, '');
  }
  return forever();
}

/** Listens on `watch`, which ends with the attempt, so that no listener stays on the execution's own signal. */
function halt(signal: AbortSignal, watch: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => {
    if (signal.aborted) reject(new ExecutionHalted('the execution is over'));
  };
  if (watch.aborted) stop();
  else watch.addEventListener('abort', stop, { once: true });
  return promise;
}

function forever(): Promise<never> {
  return new Promise<never>(() => {});
}
