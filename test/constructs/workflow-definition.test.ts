import { describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import { KNOWN_ERROR_NAMES } from '../../lib/constructs/retry-policies.ts';
import { FAILURES } from '../../lib/core/workflow/failures.ts';
import { HANDLER_NAMES, HANDLER_TIMEOUT_SECONDS } from '../../lib/core/workflow/handlers.ts';
import { PAYLOAD_FORMAT } from '../../lib/core/workflow/payload.ts';
import { ENDINGS, FORWARD_ORDER, STAGES, UNKNOWN_VERSION } from '../../lib/core/workflow/states.ts';
import { functionArn, renderWorkflow, type State } from './rendered-workflow.ts';

const definition = renderWorkflow();
const states = Object.entries(definition.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');

function nextOf(state: State): readonly string[] {
  const ways = [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next)];
  const catches = (state.Catch ?? []).map(({ Next }) => Next);
  return [...ways, ...catches].filter((next): next is string => next !== undefined);
}

function reachableFrom(start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = definition.States[name];
    if (seen.has(name) || state === undefined) continue;
    seen.add(name);
    open.push(...nextOf(state));
  }
  return seen;
}

describe('the workflow definition', () => {
  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validate(structuredClone(definition));

    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  it('speaks JSONPath and has no timeout of its own', () => {
    expect(definition.QueryLanguage ?? 'JSONPath').toBe('JSONPath');
    expect(definition.TimeoutSeconds).toBeUndefined();
    expect(JSON.stringify(definition)).not.toMatch(/JSONata|"Parallel"|"Map"|ErrorPath|CausePath/);
  });

  it('leads everywhere, and from everywhere to an end', () => {
    const reachable = reachableFrom(definition.StartAt);
    const stops = [...Object.values(ENDINGS), UNKNOWN_VERSION].map(({ stop }) => stop as string);

    expect([...reachable].sort()).toEqual(states.map(([name]) => name).sort());
    for (const [name] of states) {
      expect(stops.some((stop) => reachableFrom(name).has(stop))).toBe(true);
    }
  });

  it('passes through the stages in their order', () => {
    const doneOf = (question: string) =>
      definition.States[question]?.Choices?.find(({ StringEquals }) => StringEquals === 'done')
        ?.Next;
    const forward = FORWARD_ORDER.map((name) => STAGES[name]);

    const afterEach = forward.map(({ question }) => doneOf(question));

    expect(afterEach).toEqual([...forward.slice(1).map(({ state }) => state), 'Record success']);
  });

  it('bounds every task in time, beyond what the function itself may take', () => {
    for (const [, task] of tasks) {
      const waits = task.Resource?.endsWith('.waitForTaskToken');
      expect(task).toMatchObject(
        waits
          ? { TimeoutSecondsPath: '$.step.seconds' }
          : { TimeoutSeconds: HANDLER_TIMEOUT_SECONDS + 30 },
      );
    }
  });

  it('catches everything that a task can throw, and keeps the input', () => {
    for (const [, task] of tasks) {
      expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
      for (const { ResultPath } of task.Catch ?? []) expect(ResultPath).toBe('$.error');
      expect(['$.step', null]).toContain(task.ResultPath);
    }
  });

  it('retries every task, and matches only on error names that we know', () => {
    for (const [, task] of tasks) {
      const matched = [...(task.Retry ?? []), ...(task.Catch ?? [])].flatMap(
        ({ ErrorEquals }) => ErrorEquals,
      );
      expect(task.Retry).not.toEqual([]);
      expect(matched.filter((name) => !KNOWN_ERROR_NAMES.has(name))).toEqual([]);
    }
  });

  it('calls known functions with the identity of the execution', () => {
    const known = HANDLER_NAMES.map(functionArn);
    for (const [, task] of tasks) {
      expect(known).toContain(task.Parameters?.FunctionName);
      expect(task.Parameters?.Payload).toMatchObject({
        formatVersion: PAYLOAD_FORMAT,
        'executionId.$': '$.executionId',
        'mode.$': '$.mode',
        'run.$': '$$.Execution.Id',
      });
    }
  });

  it('hands the task token to the four waiting states alone', () => {
    const holders = tasks.filter(([, { Parameters }]) =>
      Object.hasOwn(Parameters?.Payload ?? {}, 'taskToken.$'),
    );

    expect(holders.map(([name]) => name)).toEqual([
      'Await review',
      'Await deploy',
      'Await contract approval',
      'Await soak',
    ]);
  });

  it('fails only with errors that are documented, each with its cause', () => {
    const fails = states.filter(([, { Type }]) => Type === 'Fail');

    expect(Object.fromEntries(fails.map(([, state]) => [state.Error, state.Cause]))).toEqual(
      FAILURES,
    );
  });

  it('never waits zero seconds: each wait reads what the handler asked for, or is fixed', () => {
    const waits = states.filter(([, { Type }]) => Type === 'Wait');

    expect(waits).toHaveLength(FORWARD_ORDER.length + 1); // one for each stage and the rollback
    for (const [name, wait] of waits) {
      expect(wait).toMatchObject(
        name.startsWith('Look again') ? { Seconds: 60 } : { SecondsPath: '$.step.seconds' },
      );
    }
  });
});
