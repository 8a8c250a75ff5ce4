import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Harness, invoke, machineOf, pause, startHarness } from './harness.ts';

let aws: Harness;

beforeAll(async () => {
  aws = await startHarness();
});

afterAll(() => aws.close());

/** `state` with a Catch that keeps the input and puts the error at $.error, as every task of the product does. */
function guarded(state: object): object {
  return {
    StartAt: 'Work',
    States: {
      Work: {
        ...state,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Roll back' }],
        End: true,
      },
      'Roll back': { Type: 'Succeed' },
    },
  };
}

async function caughtError(
  state: object,
  input: object = {},
): Promise<{ Error: string; Cause: string }> {
  const ended = await aws.run(guarded(state), input);
  return JSON.parse(ended.output ?? '{}').error;
}

describe('a function that throws', () => {
  it('is caught by States.ALL with its own error name and the report as the cause', async () => {
    // WHEN
    const ended = await aws.run(guarded(invoke({ throws: 'no such row' }, {})), { id: 'm1' });

    // THEN the input is kept beside the error
    const { id, error } = JSON.parse(ended.output ?? '');
    expect(id).toBe('m1');
    expect(error.Error).toBe('Known');
    expect(JSON.parse(error.Cause)).toMatchObject({
      errorType: 'Known',
      errorMessage: 'no such row',
      trace: expect.any(Array),
    });
  });

  it('fails the execution when nothing catches it', async () => {
    expect(await aws.run(machineOf(invoke({ throws: 'x' }, { End: true })))).toMatchObject({
      status: 'FAILED',
      error: 'Known',
    });
  });

  it('goes to the first catcher that matches', async () => {
    const ended = await aws.run({
      StartAt: 'Work',
      States: {
        Work: invoke(
          { throws: 'x' },
          {
            Catch: [
              { ErrorEquals: ['Other', 'States.Timeout'], Next: 'Wrong' },
              { ErrorEquals: ['States.TaskFailed'], Next: 'Right' },
              { ErrorEquals: ['States.ALL'], Next: 'Wrong' },
            ],
            End: true,
          },
        ),
        Right: { Type: 'Pass', Result: 'right', End: true },
        Wrong: { Type: 'Pass', Result: 'wrong', End: true },
      },
    });
    expect(ended.output).toBe('"right"');
  });
});

describe('Retry', () => {
  const retrying = (key: string, failures: number) =>
    guarded(
      invoke(
        { key, failures, 'answer.$': '$$.State.RetryCount' },
        {
          ResultSelector: { 'retries.$': '$.Payload' },
          Retry: [
            { ErrorEquals: ['Flaky'], IntervalSeconds: 3_600, MaxAttempts: 2, BackoffRate: 2 },
          ],
        },
      ),
    );

  it('tries again until it works, and evaluates the parameters anew', async () => {
    // WHEN
    const ended = await aws.run(retrying('works', 2));

    // THEN
    expect(JSON.parse(ended.output ?? '')).toEqual({ retries: 2 });
    const types = await aws.eventTypes(ended.executionArn ?? '');
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      ...['TaskScheduled', 'TaskStarted', 'TaskFailed'],
      ...['TaskScheduled', 'TaskStarted', 'TaskFailed'],
      ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('is exhausted after MaxAttempts and then the error is caught', async () => {
    const ended = await aws.run(retrying('never', 9));
    expect(JSON.parse(ended.output ?? '').error.Error).toBe('Flaky');
    expect(aws.calls.filter(({ key }) => key === 'never')).toHaveLength(3);
  });

  it('waits for its interval, scaled', async () => {
    const scaled = await startHarness(0.1);
    try {
      const task = invoke(
        { key: 'slow', failures: 1, answer: 'ok' },
        { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 3 }], End: true },
      );
      const before = Date.now();
      expect(await scaled.run(machineOf(task))).toMatchObject({ status: 'SUCCEEDED' });
      expect(Date.now() - before).toBeGreaterThanOrEqual(300);
    } finally {
      await scaled.close();
    }
  });
});

describe('a function that does not answer', () => {
  it('fails with States.Timeout after TimeoutSeconds and its late answer is ignored', async () => {
    const state = invoke({ takesMs: 1_400, answer: 'late' }, { TimeoutSeconds: 1 });
    expect(await caughtError(state)).toEqual({ Error: 'States.Timeout', Cause: '' });
    await pause(600);
  });

  it('fails with the error of the runtime when it is killed in mid-invocation', async () => {
    // GIVEN
    const arn = await aws.deploy(guarded(invoke({ hangs: true, mark: 'kill me' }, {})));
    const executionArn = await aws.start(arn);
    while (!aws.calls.some(({ mark }) => mark === 'kill me')) await pause(10);

    // WHEN
    await aws.lambda.kill('worker');

    // THEN
    const { error } = JSON.parse((await aws.finished(executionArn)).output ?? '');
    expect(error.Error).toBe('Runtime.ExitError');
    expect(error.Cause).toContain('signal: killed');
  });

  it('fails with an error of the service when the function does not exist', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'nobody', Payload: {} },
    };
    expect(await caughtError(state)).toMatchObject({ Error: 'Lambda.ResourceNotFoundException' });
  });

  it('times the whole execution out without running a Catch', async () => {
    const definition = { ...guarded(invoke({ hangs: true }, {})), TimeoutSeconds: 1 };
    expect(await aws.run(definition)).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
    });
  });
});
