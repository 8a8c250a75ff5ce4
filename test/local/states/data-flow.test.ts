import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Harness, invoke, machineOf, startHarness } from './harness.ts';

let aws: Harness;

beforeAll(async () => {
  aws = await startHarness();
});

afterAll(() => aws.close());

async function output(definition: object, input?: unknown): Promise<unknown> {
  const ended = await aws.run(definition, input);
  expect(ended.error ?? ended.status).toBe('SUCCEEDED');
  return JSON.parse(ended.output ?? '');
}

describe('a task', () => {
  it('shapes input and result with every JSONPath field', async () => {
    // GIVEN a task with InputPath, Parameters, ResultSelector, ResultPath and OutputPath
    const definition = machineOf(
      invoke(
        { 'answer.$': '$.order', fixed: 7 },
        {
          InputPath: '$.request',
          ResultSelector: { 'outcome.$': '$.Payload.kind', 'status.$': '$.StatusCode' },
          ResultPath: '$.steps.first',
          OutputPath: '$.steps',
          End: true,
        },
      ),
    );

    // WHEN
    const result = await output(definition, {
      request: { order: { kind: 'done' } },
      steps: { zero: true },
    });

    // THEN
    expect(result).toEqual({ zero: true, first: { outcome: 'done', status: 200 } });
  });

  it('replaces, keeps or extends the input by ResultPath', async () => {
    const task = (fields: object) =>
      machineOf(
        invoke({ answer: 1 }, { ResultSelector: { 'n.$': '$.Payload' }, ...fields, End: true }),
      );
    const input = { a: 'x' };
    expect(await output(task({}), input)).toEqual({ n: 1 });
    expect(await output(task({ ResultPath: '$' }), input)).toEqual({ n: 1 });
    expect(await output(task({ ResultPath: null }), input)).toEqual({ a: 'x' });
    expect(await output(task({ ResultPath: '$.b.c' }), input)).toEqual({
      a: 'x',
      b: { c: { n: 1 } },
    });
    expect(await output(task({ ResultPath: null, OutputPath: null }), input)).toEqual({});
  });

  it('accepts the ARN of a function as its resource', async () => {
    const definition = machineOf({
      Type: 'Task',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
      End: true,
    });
    expect(await output(definition, { answer: [1, null] })).toEqual([1, null]);
  });

  it('fails the execution, past every Catch, when a path leads nowhere', async () => {
    // GIVEN
    const definition = {
      StartAt: 'Work',
      States: {
        Work: invoke(
          { 'x.$': '$.missing' },
          { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true },
        ),
        Caught: { Type: 'Succeed' },
      },
    };

    // WHEN
    const ended = await aws.run(definition);

    // THEN
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(ended.cause).toMatch(/state 'Work' \(entered at the event id #2\).*\$\.missing/);
  });

  it('fails with States.DataLimitExceeded, which States.ALL does not catch, above 256 KiB', async () => {
    const grow = {
      Type: 'Pass',
      Parameters: { 'all.$': "States.Format('{}{}', $.text, $.text)" },
      End: true,
    };
    const ended = await aws.run(machineOf(grow), { text: 'x'.repeat(140_000) });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('the context object', () => {
  it('knows the execution, the state machine and the state', async () => {
    // GIVEN
    const definition = {
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Result: { replaced: true }, Next: 'Second' },
        Second: { Type: 'Pass', Parameters: { 'context.$': '$$', 'input.$': '$' }, End: true },
      },
    };
    const arn = await aws.deploy(definition, 'context-machine');

    // WHEN
    const ended = await aws.finished(await aws.start(arn, { a: 1 }, 'context-1'));

    // THEN the input is that of the execution, not of the state
    const { context, input } = JSON.parse(ended.output ?? '');
    expect(input).toEqual({ replaced: true });
    expect(context.Execution).toMatchObject({
      Id: ended.executionArn,
      Name: 'context-1',
      Input: { a: 1 },
      StartTime: ended.startDate?.toISOString(),
    });
    expect(context.State).toMatchObject({ Name: 'Second', RetryCount: 0 });
    expect(context.StateMachine).toEqual({ Id: arn, Name: 'context-machine' });
  });

  it('resolves members of $$.Execution in templates, intrinsic functions and choices', async () => {
    const definition = {
      StartAt: 'Name it',
      States: {
        'Name it': {
          Type: 'Pass',
          Parameters: {
            'name.$': '$$.Execution.Name',
            'label.$': "States.Format('{}/{}', $$.Execution.Name, $$.Execution.Input.a)",
          },
          Next: 'Route',
        },
        Route: {
          Type: 'Choice',
          Choices: [
            { Variable: '$$.Execution.Name', StringEquals: 'someone-else', Next: 'Wrong' },
            { Variable: '$$.Execution.Input.a', NumericEquals: 1, Next: 'Right' },
          ],
          Default: 'Wrong',
        },
        Right: { Type: 'Succeed' },
        Wrong: { Type: 'Fail', Error: 'Wrong' },
      },
    };
    const arn = await aws.deploy(definition, 'named');
    const ended = await aws.finished(await aws.start(arn, { a: 1 }, 'run-1'));
    expect(JSON.parse(ended.output ?? '')).toEqual({ name: 'run-1', label: 'run-1/1' });
  });
});

describe('the other states', () => {
  const routed = {
    StartAt: 'Route',
    States: {
      Route: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.outcome', StringEquals: 'done', Next: 'Done' },
          {
            And: [
              { Variable: '$.outcome', StringEquals: 'wait' },
              { Variable: '$.seconds', NumericGreaterThan: 0 },
            ],
            Next: 'Let time pass',
          },
        ],
        Default: 'Refused',
      },
      'Let time pass': { Type: 'Wait', SecondsPath: '$.seconds', Next: 'Waited' },
      Waited: { Type: 'Pass', Result: false, ResultPath: '$.again', Next: 'Done' },
      Done: { Type: 'Succeed' },
      Refused: { Type: 'Fail', Error: 'MigrationRejected', Cause: 'nothing was changed' },
    },
  };

  it('routes by Choice, waits by SecondsPath and passes falsy results', async () => {
    expect(await output(routed, { outcome: 'done' })).toEqual({ outcome: 'done' });
    expect(await output(routed, { outcome: 'wait', seconds: 3_000_000 })).toEqual({
      outcome: 'wait',
      seconds: 3_000_000,
      again: false,
    });
  });

  it('ends in the static error of a Fail state', async () => {
    expect(await aws.run(routed, { outcome: 'no' })).toMatchObject({
      status: 'FAILED',
      error: 'MigrationRejected',
      cause: 'nothing was changed',
    });
  });

  it('fails when a Choice reads a field that is absent, or finds no rule', async () => {
    expect(await aws.run(routed, {})).toMatchObject({ error: 'States.Runtime' });
    const narrow = {
      StartAt: 'Route',
      States: {
        Route: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 1, Next: 'Done' }] },
        Done: { Type: 'Succeed' },
      },
    };
    expect(await aws.run(narrow, { a: 2 })).toMatchObject({ error: 'States.NoChoiceMatched' });
  });

  it('fails when SecondsPath is not a whole number', async () => {
    expect(await aws.run(routed, { outcome: 'wait', seconds: 1.5 })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('$.seconds == 1.5'),
    });
  });
});
