import { boundedJson } from './data-limit.ts';
import { applyPath, applyTemplate, type ContextObject, evaluatePath } from './expressions.ts';
import { MAX_SECONDS } from './limits.ts';
import { applyResultPath } from './reference-path.ts';
import { RetryPolicy } from './retry-policy.ts';
import { matchesError, RUNTIME_ERROR, StateError } from './state-error.ts';
import type { Json, TaskState } from './states-language.ts';
import { attemptTask, ExecutionHalted } from './task-attempt.ts';
import { readTaskResource } from './task-resource.ts';
import { elapse } from './timer.ts';
import { contextOf, type Step, stepFrom, type Visit } from './visit.ts';

/**
 * Runs a Task: InputPath, Parameters, the call, ResultSelector, ResultPath, OutputPath; on an error the first retrier
 * that matches, then the first catcher. Parameters are evaluated again for each attempt, because each has its own token.
 */
export async function visitTask(visit: Visit<TaskState>): Promise<Step> {
  const { state, surroundings } = visit;
  const retries = new RetryPolicy(state.Retry ?? [], surroundings.random);
  for (;;) {
    try {
      return stepFrom(state, await runOnce(visit, retries.retryCount));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const delaySeconds = retries.next(error.error);
      if (delaySeconds === undefined) return caught(visit, error);
      const delayMs = delaySeconds * 1_000 * surroundings.waitScale;
      const elapsed = await elapse(delayMs, surroundings.signal);
      if (!elapsed) throw new ExecutionHalted('the execution is over');
    }
  }
}

async function runOnce(visit: Visit<TaskState>, retryCount: number): Promise<Json> {
  const { name, state, input, surroundings } = visit;
  const resource = readTaskResource(state.Resource);
  if (resource === undefined) throw new StateError(RUNTIME_ERROR, `Resource '${state.Resource}'`);
  const callback =
    resource.kind === 'callback' ? surroundings.tokens.issue(surroundings.executionArn) : undefined;
  const context = contextOf(visit, retryCount, callback?.token);
  try {
    const effective = await applyPath(state.InputPath, input, context);
    const parameters = await applyTemplate(state.Parameters, effective, context);
    boundedJson(parameters, `The Parameters of the state '${name}' are`);
    const result = await attemptTask(
      {
        stateName: name,
        resource,
        parameters,
        timeoutSeconds: (await secondsOf(visit, 'Timeout', effective, context)) ?? MAX_SECONDS,
        heartbeatSeconds: await secondsOf(visit, 'Heartbeat', effective, context),
        callback,
      },
      surroundings,
    );
    const selected = await applyTemplate(state.ResultSelector, result, context);
    const combined = applyResultPath(state.ResultPath, input, selected);
    return await applyPath(state.OutputPath, combined, context);
  } finally {
    callback?.close();
  }
}

function caught(visit: Visit<TaskState>, error: StateError): Step {
  const catcher = visit.state.Catch?.find(({ ErrorEquals }) =>
    matchesError(error.error, ErrorEquals),
  );
  if (catcher === undefined) throw error;
  const report = { Error: error.error, Cause: error.causeText };
  const output = applyResultPath(catcher.ResultPath, visit.input, report);
  return { kind: 'next', state: catcher.Next, output };
}

/** `TimeoutSeconds` or `TimeoutSecondsPath` (and the same for heartbeats); a path reads the state's input. */
async function secondsOf(
  { state }: Visit<TaskState>,
  limit: 'Timeout' | 'Heartbeat',
  input: Json,
  context: ContextObject,
): Promise<number | undefined> {
  const path = state[`${limit}SecondsPath`];
  if (path === undefined) return state[`${limit}Seconds`];
  const value = await evaluatePath(path, input, context);
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SECONDS) {
    return value;
  }
  throw new StateError(
    RUNTIME_ERROR,
    `The ${limit}SecondsPath parameter does not reference an integer between 1 and ${MAX_SECONDS}: ${path} == ${JSON.stringify(value)}`,
  );
}
