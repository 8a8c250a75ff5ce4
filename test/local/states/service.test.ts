import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callback, type Harness, machineOf, ROLE, startHarness } from './harness.ts';

const DONE = machineOf({ Type: 'Succeed' });
const WAITING = machineOf(callback({ End: true }));

let aws: Harness;

beforeEach(async () => {
  aws = await startHarness();
});

afterEach(() => aws.close());

describe('state machines', () => {
  it('are created, updated in place, described and listed', async () => {
    // GIVEN
    const arn = await aws.deploy(DONE, 'first');
    await aws.deploy(DONE, 'second');

    // WHEN
    expect(await aws.deploy(WAITING, 'first')).toBe(arn);

    // THEN
    const described = await aws.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(JSON.parse(described.definition ?? '')).toEqual(WAITING);
    const { stateMachines } = await aws.sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it.each([
    ['text that is not JSON', '{'],
    ['a target that does not exist', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }],
    ['a path that is none', machineOf({ Type: 'Pass', Parameters: { 'a.$': 'b' }, End: true })],
    ['a Parallel state', machineOf({ Type: 'Parallel', Branches: [DONE], End: true })],
    [
      'another integration',
      machineOf({ Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true }),
    ],
    [
      'a heartbeat as long as the timeout',
      machineOf(callback({ HeartbeatSeconds: 5, TimeoutSeconds: 5, End: true })),
    ],
    ['JSONata', { ...DONE, QueryLanguage: 'JSONata' }],
    [
      'States.ALL before another catcher',
      {
        StartAt: 'A',
        States: {
          A: callback({
            Catch: [
              { ErrorEquals: ['States.ALL'], Next: 'B' },
              { ErrorEquals: ['Other'], Next: 'B' },
            ],
            End: true,
          }),
          B: { Type: 'Succeed' },
        },
      },
    ],
  ])('are refused with %s', async (_what, definition) => {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const command = new CreateStateMachineCommand({ name: 'm', definition: text, roleArn: ROLE });
    await expect(aws.sfn.send(command)).rejects.toMatchObject({ name: 'InvalidDefinition' });
  });
});

describe('StartExecution', () => {
  it('is idempotent for the same name and input while the execution is running', async () => {
    // GIVEN a running execution
    const machine = await aws.deploy(WAITING);
    const arn = await aws.start(machine, { a: 1 }, 'one');

    // THEN the same start finds it, another input does not
    expect(await aws.start(machine, { a: 1 }, 'one')).toBe(arn);
    await expect(aws.start(machine, { a: 2 }, 'one')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });

    // WHEN it is over
    const { token } = await aws.call(1);
    await aws.sfn.send(new SendTaskSuccessCommand({ taskToken: String(token), output: '1' }));
    await aws.finished(arn);

    // THEN its name stays taken, and the function was called once
    await expect(aws.start(machine, { a: 1 }, 'one')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
    expect(aws.calls).toHaveLength(1);
  });

  it.each([
    ['InvalidExecutionInput', { input: '{' }],
    ['ValidationException', { input: JSON.stringify('x'.repeat(262_144)) }],
    ['ValidationException', { name: 'x'.repeat(81) }],
    ['InvalidName', { name: 'a b' }],
    ['InvalidArn', { stateMachineArn: 'nope' }],
    [
      'StateMachineDoesNotExist',
      { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:none' },
    ],
  ])('fails with %s', async (name, fields) => {
    const stateMachineArn = await aws.deploy(DONE);
    const command = new StartExecutionCommand({ stateMachineArn, ...fields });
    await expect(aws.sfn.send(command)).rejects.toMatchObject({ name });
  });

  it('records the alias that it was started through', async () => {
    const machine = await aws.deploy(DONE);
    const ended = await aws.finished(await aws.start(`${machine}:live`));
    expect(ended).toMatchObject({
      stateMachineArn: machine,
      stateMachineAliasArn: `${machine}:live`,
    });
  });

  it('has started the execution when the connection drops afterwards', async () => {
    const machine = await aws.deploy(DONE);
    aws.setFault({ kind: 'drop-after' });
    await expect(aws.start(machine, {}, 'dropped')).rejects.toThrow();
    aws.setFault({ kind: 'throttle' });
    await expect(aws.start(machine, {}, 'never')).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    aws.setFault(undefined);
    const { executions } = await aws.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machine }),
    );
    expect(executions?.map(({ name }) => name)).toEqual(['dropped']);
  });
});

describe('lists and histories', () => {
  it('list executions newest first, page by page and by status', async () => {
    // GIVEN five executions
    const machine = await aws.deploy(DONE);
    for (const n of [1, 2, 3, 4, 5]) await aws.finished(await aws.start(machine, {}, `run-${n}`));

    // WHEN they are read two at a time while a newer one starts
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await aws.sfn.send(
        new ListExecutionsCommand({ stateMachineArn: machine, maxResults: 2, nextToken }),
      );
      names.push(...(page.executions ?? []).map(({ name }) => name));
      if (nextToken === undefined) await aws.finished(await aws.start(machine, {}, 'run-6'));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);

    // THEN nothing is shown twice or skipped
    expect(names).toEqual(['run-5', 'run-4', 'run-3', 'run-2', 'run-1']);
    const failed = await aws.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machine, statusFilter: 'FAILED' }),
    );
    expect(failed.executions).toEqual([]);
  });

  it('page a history in both directions with increasing ids', async () => {
    const ended = await aws.run(DONE, { a: 1 });
    const read = async (reverseOrder: boolean) => {
      const ids: (number | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await aws.sfn.send(
          new GetExecutionHistoryCommand({
            executionArn: ended.executionArn,
            maxResults: 3,
            reverseOrder,
            nextToken,
          }),
        );
        ids.push(...(page.events ?? []).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return ids;
    };
    expect(await read(false)).toEqual([1, 2, 3, 4]);
    expect(await read(true)).toEqual([4, 3, 2, 1]);
  });

  it('refuse a token of another list', async () => {
    const stateMachineArn = await aws.deploy(DONE);
    const command = new ListExecutionsCommand({ stateMachineArn, nextToken: 'bm9uc2Vuc2U=' });
    await expect(aws.sfn.send(command)).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  it('end an execution whose history is full', async () => {
    // GIVEN an endless loop
    const loop = {
      StartAt: 'Again',
      States: {
        Again: { Type: 'Pass', Next: 'Check' },
        Check: {
          Type: 'Choice',
          Choices: [{ Variable: '$.stop', BooleanEquals: true, Next: 'Done' }],
          Default: 'Again',
        },
        Done: { Type: 'Succeed' },
      },
    };

    // WHEN
    const ended = await aws.run(loop, { stop: false });

    // THEN the 25,000th event is the failure
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(ended.cause).toContain('maximum number of history events (25000)');
    const { events } = await aws.sfn.send(
      new GetExecutionHistoryCommand({
        executionArn: ended.executionArn,
        reverseOrder: true,
        maxResults: 1,
      }),
    );
    expect(events?.[0]).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });
});

describe('a restart', () => {
  it('keeps machines, executions and histories, and reports what was running as ABORTED', async () => {
    // GIVEN one execution that is over and one that waits at a gate
    const over = await aws.run(DONE, { a: 1 });
    const machine = await aws.deploy(WAITING, 'waiting');
    const waiting = await aws.start(machine, {}, 'gate');
    const { token } = await aws.call(1);
    const eventsBefore = aws.statusChanges.length;

    // WHEN
    await aws.restart();

    // THEN
    const kept = await aws.sfn.send(
      new DescribeExecutionCommand({ executionArn: over.executionArn }),
    );
    expect(kept).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' });
    const lost = await aws.sfn.send(new DescribeExecutionCommand({ executionArn: waiting }));
    expect(lost).toMatchObject({
      status: 'ABORTED',
      cause: 'the embedded runtime was stopped',
    });
    expect((await aws.eventTypes(waiting)).at(-1)).toBe('ExecutionAborted');
    await expect(
      aws.sfn.send(new SendTaskSuccessCommand({ taskToken: String(token), output: '1' })),
    ).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect(aws.statusChanges).toHaveLength(eventsBefore);

    // AND the machine runs on
    expect(await aws.start(machine, {}, 'next')).toMatch(/:waiting:next$/);
  });
});
