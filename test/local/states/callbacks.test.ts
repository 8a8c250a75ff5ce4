import {
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callback, type Harness, pause, startHarness } from './harness.ts';

let aws: Harness;

beforeEach(async () => {
  aws = await startHarness();
});

afterEach(() => aws.close());

/** A gate as the product has it: one callback state whose errors are kept at $.error. */
function gate(fields: object = {}, payload: object = {}): object {
  return {
    StartAt: 'Gate',
    States: {
      Gate: callback(
        {
          ResultPath: '$.decision',
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Roll back' }],
          Next: 'Go on',
          ...fields,
        },
        payload,
      ),
      'Go on': { Type: 'Succeed' },
      'Roll back': { Type: 'Succeed' },
    },
  };
}

async function open(
  definition: object,
  input: object = {},
): Promise<{ arn: string; token: string }> {
  const machine = await aws.deploy(definition);
  const arn = await aws.start(machine, input);
  const { token } = await aws.call(1);
  return { arn, token: String(token) };
}

async function outputOf(executionArn: string): Promise<Record<string, unknown>> {
  const ended = await aws.finished(executionArn);
  expect(ended.status).toBe('SUCCEEDED');
  return JSON.parse(ended.output ?? '');
}

function succeed(taskToken: string, output: unknown = {}) {
  return aws.sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
}

describe('a task that waits for its token', () => {
  it('goes on with what SendTaskSuccess brings', async () => {
    // GIVEN an open gate whose function has returned
    const { arn, token } = await open(gate(), { id: 'm1' });
    while (!(await aws.eventTypes(arn)).includes('TaskSubmitted')) await pause(10);

    // WHEN
    await succeed(token, { decision: 'approved' });

    // THEN
    expect(await outputOf(arn)).toEqual({ id: 'm1', decision: { decision: 'approved' } });
    expect(await aws.eventTypes(arn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('fails with the error that SendTaskFailure names', async () => {
    const { arn, token } = await open(gate(), { id: 'm1' });
    await aws.sfn.send(
      new SendTaskFailureCommand({ taskToken: token, error: 'AbortRequested', cause: 'by ann' }),
    );
    expect(await outputOf(arn)).toEqual({
      id: 'm1',
      error: { Error: 'AbortRequested', Cause: 'by ann' },
    });
  });

  it('fails at once when the function that should notify somebody throws', async () => {
    const { arn } = await open(gate({}, { throws: 'no mail' }));
    expect(await outputOf(arn)).toMatchObject({ error: { Error: 'Known' } });
  });

  it('may be answered before its function has returned', async () => {
    const { arn, token } = await open(gate({}, { takesMs: 300 }));
    await succeed(token, 'early');
    expect(await outputOf(arn)).toMatchObject({ decision: 'early' });
    expect(await aws.eventTypes(arn)).not.toContain('TaskSubmitted');
  });

  it('has a new token for each retry, and the old one is spent', async () => {
    // GIVEN a gate that is tried again when it fails
    const retry = [{ ErrorEquals: ['Again'], IntervalSeconds: 60, MaxAttempts: 1 }];
    const { arn, token } = await open(gate({ Retry: retry }));

    // WHEN the first attempt fails
    await aws.sfn.send(new SendTaskFailureCommand({ taskToken: token, error: 'Again' }));
    const second = String((await aws.call(2))['token']);

    // THEN
    expect(second).not.toBe(token);
    await expect(succeed(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await succeed(second, 2);
    expect(await outputOf(arn)).toMatchObject({ decision: 2 });
  });
});

describe('the clock of a gate', () => {
  it('fails with States.Timeout after the seconds at TimeoutSecondsPath', async () => {
    // GIVEN
    const definition = gate({ TimeoutSecondsPath: '$.gate.timeoutSeconds' });
    const { arn, token } = await open(definition, { gate: { timeoutSeconds: 1 } });

    // THEN
    expect(await outputOf(arn)).toMatchObject({ error: { Error: 'States.Timeout' } });
    expect(await aws.eventTypes(arn)).toContain('TaskTimedOut');
    await expect(succeed(token)).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
  });

  it('stays open for longer than a timer of the platform can run', async () => {
    // 30 days are 2,592,000,000 ms, above 2^31 - 1
    const { arn, token } = await open(gate({ TimeoutSeconds: 2_592_000 }));
    await pause(100);
    await succeed(token, 'in time');
    expect(await outputOf(arn)).toMatchObject({ decision: 'in time' });
  });

  it('fails with States.HeartbeatTimeout when heartbeats stop', async () => {
    // GIVEN
    const { arn, token } = await open(gate({ TimeoutSeconds: 60, HeartbeatSeconds: 1 }));
    const startedAt = Date.now();

    // WHEN two heartbeats arrive in time and then none
    await pause(600);
    await aws.sfn.send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await pause(600);
    await aws.sfn.send(new SendTaskHeartbeatCommand({ taskToken: token }));

    // THEN
    expect(await outputOf(arn)).toMatchObject({ error: { Error: 'States.HeartbeatTimeout' } });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_150);
  });
});

describe('StopExecution', () => {
  it('aborts a waiting gate at once: no Catch runs and the token is spent', async () => {
    // GIVEN
    const { arn, token } = await open(gate());

    // WHEN
    await aws.sfn.send(
      new StopExecutionCommand({ executionArn: arn, error: 'Break', cause: 'glass' }),
    );

    // THEN
    expect(await aws.finished(arn)).toMatchObject({
      status: 'ABORTED',
      error: 'Break',
      cause: 'glass',
    });
    await expect(succeed(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect((await aws.eventTypes(arn)).at(-1)).toBe('ExecutionAborted');
    expect(aws.statusChanges.map(({ detail }) => detail['status'])).toEqual(['RUNNING', 'ABORTED']);
  });

  it('ignores what a function returns after the execution was aborted', async () => {
    const { arn } = await open(gate({}, { takesMs: 200 }));
    await aws.sfn.send(new StopExecutionCommand({ executionArn: arn }));
    const before = await aws.eventTypes(arn);
    await pause(350);
    expect(await aws.eventTypes(arn)).toEqual(before);
  });
});

describe('tokens', () => {
  it('are refused when they are malformed or of no execution', async () => {
    await expect(succeed('nonsense')).rejects.toMatchObject({ name: 'InvalidToken' });
    const { token } = await open(gate());
    const [arn, secret] = JSON.parse(Buffer.from(token, 'base64').toString());
    const elsewhere = Buffer.from(JSON.stringify([`${arn}-x`, secret])).toString('base64');
    await expect(succeed(elsewhere)).rejects.toMatchObject({ name: 'TaskDoesNotExist' });
  });

  it('do not show in a history without execution data', async () => {
    const { arn, token } = await open(gate());
    const { events } = await aws.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: arn, includeExecutionData: false }),
    );
    expect(events?.length).toBeGreaterThan(2);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  it('need an output that is JSON', async () => {
    const { token } = await open(gate());
    await expect(
      aws.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{' })),
    ).rejects.toMatchObject({ name: 'InvalidOutput' });
  });
});
