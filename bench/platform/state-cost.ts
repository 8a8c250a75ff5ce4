import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { startLambda } from '../../lib/local/lambda/start-lambda.ts';
import { startStates } from '../../lib/local/states/start-states.ts';
import type { PlatformFacts } from '../facts.ts';

const STATES = 200;
/** The end is looked for this often, which is less than the noise of 200 states. */
const POLL_MS = 2;
const HANDLER = 'export const handler = async () => ({ outcome: "done" });';

/** The cost of a transition: chains of states, run through the API by a real client. */
export async function measureStates(): Promise<Pick<PlatformFacts, 'passStateMs' | 'taskStateMs'>> {
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-bench-states-'));
  await writeFile(join(directory, 'index.mjs'), HANDLER);
  const lambda = await startLambda({
    functions: [{ name: 'nothing', bundlePath: directory, timeoutSeconds: 60 }],
  });
  const states = await startStates({ lambda, directory: join(directory, 'states') });
  const client = new SFNClient({
    endpoint: states.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  try {
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'nothing', Payload: {} },
      ResultPath: null,
    };
    await timePerState(client, 'cold', task);
    const passStateMs = await timePerState(client, 'pass', { Type: 'Pass' });
    const taskStateMs = await timePerState(client, 'task', task);
    return { passStateMs, taskStateMs };
  } finally {
    client.destroy();
    await states.close();
    await lambda.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function timePerState(client: SFNClient, name: string, state: object): Promise<number> {
  const numbers = Array.from({ length: STATES }, (_, index) => index);
  const chain = numbers.map((index) => [
    `S${index}`,
    { ...state, ...(index + 1 < STATES ? { Next: `S${index + 1}` } : { End: true }) },
  ]);
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({
      name,
      definition: JSON.stringify({ StartAt: 'S0', States: Object.fromEntries(chain) }),
      roleArn: 'arn:aws:iam::000000000000:role/bench',
    }),
  );
  const start = performance.now();
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  for (;;) {
    const { status, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return (performance.now() - start) / STATES;
    if (status !== 'RUNNING') throw new Error(`the chain of states ended as ${status}: ${cause}`);
    await sleep(POLL_MS);
  }
}
