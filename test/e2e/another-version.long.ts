import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { compress, decompress } from '../../lib/aws/control-store/compressed-text.ts';
import { keys } from '../../lib/aws/control-store/keys.ts';
import { abort } from '../../lib/cli/commands/abort.ts';
import { resume } from '../../lib/cli/commands/resume.ts';
import { rollback } from '../../lib/cli/commands/rollback.ts';
import { signal } from '../../lib/cli/commands/signal.ts';
import { gatherStatus } from '../../lib/cli/gather-status.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import { hashPlan } from '../../lib/core/plan/hash.ts';
import type { HashedPlan } from '../../lib/core/plan/plan.ts';
import { NEWEST_PLAN_FORMAT, type PlanFormat } from '../../lib/core/plan/plan-format.ts';
import { PAYLOAD_FORMAT } from '../../lib/core/workflow/payload.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

/** The next version of the product, which this one has never heard of. */
const TOMORROW = NEWEST_PLAN_FORMAT + 1;

let scene: EmbeddedScene;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(() => scene.reset(200));

async function waitsAtGate(): Promise<ExecutionId> {
  await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
  const id = await scene.start('0001_add_nickname');
  await scene.atGate(id, 'deploy');
  return id;
}

/** Makes the stored plan one of this format, as if the version of it had written it. */
async function rewritePlan(id: ExecutionId, formatVersion: number): Promise<void> {
  const { endpoints, region, controlTable: TableName } = scene.aws.description;
  const credentials = { accessKeyId: 'tomorrow', secretAccessKey: 'embedded' };
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
  const table = DynamoDBDocumentClient.from(client);
  const { Item } = await table.send(new GetCommand({ TableName, Key: keys.plan(id) }));
  const { plan } = decompress(Item?.['content']) as HashedPlan;
  const other = hashPlan({ ...plan, formatVersion: formatVersion as PlanFormat });
  const content = compress(other, 'the plan', 'Internal', 'none');
  await table.send(new PutCommand({ TableName, Item: { ...Item, content } }));
  client.destroy();
}

function stepFunctions(): SFNClient {
  const { endpoints, region } = scene.aws.description;
  const credentials = { accessKeyId: 'tomorrow', secretAccessKey: 'embedded' };
  return new SFNClient({ endpoint: endpoints.states, region, credentials });
}

/** The function that a state calls. */
async function handlerOf(state: string): Promise<string> {
  const { stateMachineArn } = scene.aws.description;
  const states = stepFunctions();
  const { definition = '' } = await states.send(
    new DescribeStateMachineCommand({ stateMachineArn }),
  );
  states.destroy();
  return JSON.parse(definition).States[state].Parameters.FunctionName;
}

async function lastRun(id: ExecutionId) {
  const { control, workflow } = await scene.as('observer');
  const run = (await control.getExecution(id))?.runs.at(-1)?.run ?? '';
  return workflow.describe(run);
}

/** Nobody works on it any more. */
async function untilStopped(id: ExecutionId): Promise<void> {
  while ((await lastRun(id)).status === 'RUNNING') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a plan of another version', () => {
  it('stops whoever does not know it, in either direction, and changes nothing', async () => {
    // GIVEN an interrupted execution whose plan is of a format that is not known here
    const id = await waitsAtGate();
    await scene.stop();
    await scene.reopen();
    const before = { picture: await scene.picture(), aftermath: await scene.aftermath(id) };
    await rewritePlan(id, TOMORROW);
    const alice = await scene.as('alice');
    const why = `the plan of ${id} has format ${TOMORROW}, this version reads`;

    for (const goOn of [resume, rollback]) {
      // WHEN
      await goOn(alice, { execution: id, reason: 'after the night' });
      await untilStopped(id);

      // THEN it has a name, and says what to do; the execution is where it was and holds its target
      expect(await lastRun(id)).toMatchObject({ status: 'FAILED', error: 'UnknownVersion' });
      expect((await gatherStatus(alice, id)).failure).toMatch(
        /^UnknownVersion: .*deploy that version/,
      );
      const { reason, ...aftermath } = await scene.aftermath(id);
      expect(reason).toContain(why);
      expect(reason).toContain(
        `deploy the version that made the plan, then lockkeeper resume ${id}`,
      );
      expect(aftermath).toMatchObject({ status: 'running', ledger: 'in-progress', lease: id });
      expect(aftermath.status).toBe(before.aftermath.status);
      expect(await scene.picture()).toEqual(before.picture);
    }

    // WHEN the version that knows it is back
    await rewritePlan(id, NEWEST_PLAN_FORMAT);
    await resume(alice, { execution: id, reason: 'the right version' });
    await scene.until(id, ({ workflow }) => workflow === 'RUNNING');
    const deployed = { execution: id, name: 'app', version: 'v2', id: undefined };
    await signal(await scene.as('pipeline'), deployed);
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toMatchObject({ status: 'succeeded', lease: undefined });
  });
});

describe('a task of another version', () => {
  it('is refused by the handler, which says so on the execution', async () => {
    // GIVEN
    const id = await waitsAtGate();
    const before = await scene.picture();
    const handler = await handlerOf('Contract');

    // WHEN
    const formatVersion = PAYLOAD_FORMAT + 1;
    const task = { executionId: id, mode: 'forward', run: 'arn:run', formatVersion };
    const answer = await scene.aws.lambda.invoke(handler, task);

    // THEN
    const reason = `the task has format ${formatVersion}, this handler reads ${PAYLOAD_FORMAT}`;
    expect(answer).toMatchObject({
      kind: 'returned',
      payload: { outcome: 'incompatible', reason: expect.stringContaining(reason) },
    });
    expect((await scene.aftermath(id)).reason).toContain(reason);
    expect(await scene.picture()).toEqual(before);
    await abort(await scene.as('alice'), { execution: id, reason: 'the test is over' });
    await scene.toEnd(id);
  });
});

describe('an input of another version', () => {
  it('stops the run before it calls anything', async () => {
    const { stateMachineArn } = scene.aws.description;
    const states = stepFunctions();
    const { workflow } = await scene.as('observer');

    for (const formatVersion of [undefined, PAYLOAD_FORMAT + 1]) {
      const input = JSON.stringify({
        executionId: '0001_x-aaaaaa',
        mode: 'forward',
        formatVersion,
      });
      const { executionArn = '' } = await states.send(
        new StartExecutionCommand({ stateMachineArn, input }),
      );
      while ((await workflow.describe(executionArn)).status === 'RUNNING') {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await workflow.describe(executionArn)).toMatchObject({ error: 'UnknownVersion' });
      const entered = (await workflow.history(executionArn)).map(({ state }) => state);
      expect(entered).not.toContain('Prepare');
    }
    states.destroy();
  });
});
