import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, it } from '@jest/globals';
import type { BusEvent } from '../../../lib/local/events/event.ts';
import { startEvents } from '../../../lib/local/events/start-events.ts';
import { startLambda } from '../../../lib/local/lambda/start-lambda.ts';
import { startStates } from '../../../lib/local/states/start-states.ts';
import { machineOf, ROLE } from './harness.ts';

it('tells a rule on the bus that an execution failed', async () => {
  // GIVEN Step Functions, Lambda and EventBridge wired as in the embedded AWS
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-status-'));
  const lambda = await startLambda();
  const events = await startEvents();
  const states = await startStates({ lambda, directory, events: events.publish });
  const sfn = new SFNClient({
    endpoint: states.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ANN', secretAccessKey: 'x' },
  });
  try {
    const heard = new Promise<BusEvent>((resolve) => {
      events.subscribe(
        {
          source: ['aws.states'],
          'detail-type': ['Step Functions Execution Status Change'],
          detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
        },
        resolve,
      );
    });
    const definition = JSON.stringify(machineOf({ Type: 'Fail', Error: 'RollbackFailed' }));
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({ name: 'm', definition, roleArn: ROLE }),
    );

    // WHEN
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn, input: '{"id":"m1"}' }),
    );

    // THEN
    expect(await heard).toMatchObject({
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn,
        status: 'FAILED',
        error: 'RollbackFailed',
        input: '{"id":"m1"}',
        output: null,
      },
    });
  } finally {
    sfn.destroy();
    await Promise.all([states.close(), events.close(), lambda.close()]);
    await rm(directory, { recursive: true, force: true });
  }
});
