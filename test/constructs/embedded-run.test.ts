import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PAYLOAD_FORMAT } from '../../lib/core/workflow/payload.ts';
import type { Listening } from '../../lib/local/http/listen.ts';
import { startStates } from '../../lib/local/states/start-states.ts';
import { renderWorkflow } from './rendered-workflow.ts';

/** What a handler is called with. */
interface Call {
  readonly gate?: string;
  readonly taskToken?: string;
}

let directory: string;
let service: Listening;
let sfn: SFNClient;
/** What `open-gate` answers about the deploy gate; everything else is done at once. */
let deployGate: (call: Call) => object;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockkeeper-run-'));
  service = await startStates({
    directory,
    waitScale: 0,
    lambda: {
      invoke: async (_, call) => ({
        kind: 'returned',
        payload:
          (call as Call).gate === 'deploy'
            ? deployGate(call as Call)
            : { outcome: 'done', seconds: 0, reason: '' },
      }),
    },
  });
  sfn = new SFNClient({
    endpoint: service.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ANN', secretAccessKey: 'x' },
  });
});

afterEach(async () => {
  sfn.destroy();
  await service.close();
  await rm(directory, { recursive: true, force: true });
});

/** Starts the rendered definition and waits for its end. @returns its status and history */
async function runToEnd(): Promise<{ status: string | undefined; states: readonly string[] }> {
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'Lockkeeper',
      definition: JSON.stringify(renderWorkflow()),
      roleArn: 'arn:aws:iam::000000000000:role/states',
    }),
  );
  const input = JSON.stringify({
    formatVersion: PAYLOAD_FORMAT,
    executionId: '0002_add_billing-k3x9',
    mode: 'forward',
  });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  for (;;) {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    const history = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
    );
    const states = (history.events ?? []).map(
      ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name,
    );
    return { status, states: states.filter((name) => name !== undefined) };
  }
}

describe('the workflow on the embedded Step Functions', () => {
  it('sleeps at a gate until it is woken, then reads the record again', async () => {
    // GIVEN a gate that is decided while the execution sleeps, and wakes it
    let decided = false;
    deployGate = ({ taskToken }) => {
      if (taskToken !== undefined) {
        decided = true;
        setTimeout(() => {
          void sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
        }, 50);
      }
      return { outcome: decided ? 'done' : 'wait', seconds: 3_600, reason: '' };
    };

    // WHEN
    const { status, states } = await runToEnd();

    // THEN
    expect(status).toBe('SUCCEEDED');
    expect(states.slice(states.indexOf('Await deploy'))).toEqual(
      expect.arrayContaining(['Await deploy', 'Open deploy gate', 'Backfill', 'Succeeded']),
    );
    expect(states).not.toContain('Look again at deploy gate');
  });

  it('reads the record again after the seconds that the handler gave, when nobody wakes it', async () => {
    // GIVEN a wake-up that is lost
    let asked = 0;
    deployGate = ({ taskToken }) => {
      if (taskToken === undefined) asked += 1;
      return { outcome: asked > 1 ? 'done' : 'wait', seconds: 1, reason: '' };
    };

    // WHEN
    const { status, states } = await runToEnd();

    // THEN
    expect(status).toBe('SUCCEEDED');
    expect(states.filter((name) => name === 'Open deploy gate')).toHaveLength(2);
    expect(states).not.toContain('Look again at deploy gate');
  });
});
