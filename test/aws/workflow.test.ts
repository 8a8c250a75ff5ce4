import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stepFunctionsWorkflow } from '../../lib/aws/workflow.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import type { Workflow } from '../../lib/ports/workflow.ts';
import { type Harness, startHarness } from '../local/states/harness.ts';

const input = { executionId: '0001_a-aaaa' as ExecutionId, mode: 'forward' } as const;

/** Waits at a gate with a task token, then ends well or badly. */
const definition = {
  StartAt: 'Await deploy',
  States: {
    'Await deploy': {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: {
        FunctionName: 'worker',
        Payload: { 'taskToken.$': '$$.Task.Token', 'mode.$': '$.mode' },
      },
      ResultPath: '$.gate',
      Next: 'Forward?',
    },
    'Forward?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.mode', StringEquals: 'rollback', Next: 'Rolled back' }],
      Default: 'Succeeded',
    },
    'Rolled back': { Type: 'Fail', Error: 'MigrationRolledBack', Cause: 'undone' },
    Succeeded: { Type: 'Succeed' },
  },
};

describe('the workflow on Step Functions', () => {
  let harness: Harness;
  let workflow: Workflow;
  let waits = 0;

  beforeAll(async () => {
    harness = await startHarness();
    const stateMachineArn = await harness.deploy(definition, 'migrations');
    workflow = stepFunctionsWorkflow({ client: harness.sfn, stateMachineArn });
  });
  afterAll(() => harness.close());

  async function tokenOfNextWait(): Promise<string> {
    waits += 1;
    return String((await harness.call(waits))['taskToken']);
  }

  it('starts once, however often it is asked, also when the run has ended', async () => {
    // GIVEN
    const run = await workflow.start('once', input);
    // WHEN
    const again = await workflow.start('once', input);
    await workflow.wake(await tokenOfNextWait());
    await harness.finished(run);
    const afterwards = await workflow.start('once', input);
    // THEN
    expect([again, afterwards]).toEqual([run, run]);
    expect(await workflow.describe(run)).toMatchObject({
      run,
      status: 'SUCCEEDED',
      error: undefined,
    });
  });

  it('starts through an alias, and knows the run by an address without it', async () => {
    // GIVEN an environment whose state machine is an alias
    const stateMachineArn = await harness.deploy(definition, 'released');
    const released = stepFunctionsWorkflow({
      client: harness.sfn,
      stateMachineArn: `${stateMachineArn}:live`,
    });
    // WHEN it is started, ends, and is started again
    const run = await released.start('deployed', input);
    await released.wake(await tokenOfNextWait());
    await harness.finished(run);
    const again = await released.start('deployed', input);
    // THEN it is one run, found by its own address and in the list of the state machine
    expect(run).toBe(`${stateMachineArn.replace(':stateMachine:', ':execution:')}:deployed`);
    expect(again).toBe(run);
    expect(await released.describe(run)).toMatchObject({ run, status: 'SUCCEEDED' });
    const { executions } = await harness.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toEqual([
      expect.objectContaining({
        executionArn: run,
        stateMachineAliasArn: `${stateMachineArn}:live`,
      }),
    ]);
  });

  it('fails with Conflict when the name is taken by another start', async () => {
    await workflow.start('taken', input);
    await tokenOfNextWait();
    const other = workflow.start('taken', { ...input, mode: 'resume' });
    await expect(other).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('says how a run failed, and which states it was in', async () => {
    // GIVEN
    const run = await workflow.start('fails', { ...input, mode: 'rollback' });
    // WHEN
    await workflow.wake(await tokenOfNextWait());
    await harness.finished(run);
    // THEN
    expect(await workflow.describe(run)).toMatchObject({
      status: 'FAILED',
      error: 'MigrationRolledBack',
      cause: 'undone',
    });
    const states = (await workflow.history(run)).flatMap(({ state }) => state ?? []);
    expect([...new Set(states)]).toEqual(['Await deploy', 'Forward?', 'Rolled back']);
  });

  it('wakes a waiting state once; afterwards, and for a made-up token, nobody waits', async () => {
    await workflow.start('waits', input);
    const token = await tokenOfNextWait();
    expect(await workflow.wake(token)).toBe('woken');
    expect(await workflow.wake(token)).toBe('gone');
    expect(await workflow.wake('made-up')).toBe('gone');
  });

  it('fails with UnknownExecution for a run that Step Functions does not know', async () => {
    const run = await workflow.start('known', input);
    await tokenOfNextWait();
    const unknown = workflow.describe(run.replace(/known$/, 'unknown'));
    await expect(unknown).rejects.toMatchObject({ code: 'UnknownExecution' });
  });

  it('fails with Throttled when Step Functions throttles', async () => {
    harness.setFault({ kind: 'throttle' });
    try {
      await expect(workflow.start('throttled', input)).rejects.toMatchObject({ code: 'Throttled' });
    } finally {
      harness.setFault(undefined);
    }
  });
});
