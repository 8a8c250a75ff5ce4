import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { approve } from '../../lib/cli/commands/approve.ts';
import { reject } from '../../lib/cli/commands/reject.ts';
import { signal } from '../../lib/cli/commands/signal.ts';
import { claimOfDecision } from '../../lib/core/identity/claim.ts';
import type { PlanHash } from '../../lib/core/ids.ts';
import { startExecution } from '../../lib/engine/start-execution.ts';
import { type EmbeddedScene, embeddedScene, type Picture } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

let scene: EmbeddedScene;
let before: Picture;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(async () => {
  await scene.reset();
  before = await scene.picture();
});

const succeeded = { status: 'succeeded', reason: undefined, ledger: 'applied', lease: undefined };
const rolledBack = (reason: string) => ({
  status: 'rolled-back',
  reason: expect.stringContaining(reason),
  ledger: 'rolled-back',
  lease: undefined,
});
const yes = (execution: string) =>
  ({ execution, gate: 'contract', reason: undefined, plan: undefined }) as const;

/** What anybody can send who may invoke the function. */
async function invokeDecideGate({ aws }: EmbeddedScene, message: unknown): Promise<unknown> {
  const { endpoints, region, decideGateFunction } = aws.description;
  const client = new LambdaClient({
    endpoint: endpoints.lambda,
    region,
    credentials: { accessKeyId: 'alice', secretAccessKey: 'embedded' },
  });
  try {
    const { Payload } = await client.send(
      new InvokeCommand({ FunctionName: decideGateFunction, Payload: JSON.stringify(message) }),
    );
    return JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
  } finally {
    client.destroy();
  }
}

/** The function that a state of the workflow calls. */
async function handlerOf(state: string): Promise<string> {
  const { endpoints, region, stateMachineArn } = scene.aws.description;
  const credentials = { accessKeyId: 'alice', secretAccessKey: 'embedded' };
  const states = new SFNClient({ endpoint: endpoints.states, region, credentials });
  const { definition = '' } = await states.send(
    new DescribeStateMachineCommand({ stateMachineArn }),
  );
  states.destroy();
  return JSON.parse(definition).States[state].Parameters.FunctionName;
}

describe('an approval', () => {
  it('counts for the plan that runs, once, and not from who started it', async () => {
    // GIVEN an execution that alice started where four eyes are needed
    await scene.write(
      '0001_add_nickname',
      addNickname({ gates: { contract: '{kind: approval}' }, snapshots: 'required' }),
    );
    const id = await scene.start('0001_add_nickname', 'alice', 'strict');
    await scene.atGate(id, 'contract');
    const [alice, bob] = [await scene.as('alice', 'strict'), await scene.as('bob', 'strict')];

    // WHEN somebody looked at another plan THEN the approval is refused, by the client and behind it
    await expect(approve(bob, { ...yes(id), plan: '0123456789ab' })).rejects.toMatchObject({
      code: 'PlanChanged',
      message: expect.stringContaining('not 0123456789ab'),
    });
    const message = { executionId: id, kind: 'approve', gate: 'contract' } as const;
    expect(await bob.decide({ ...message, planHash: '0'.repeat(64) as PlanHash })).toMatchObject({
      ok: false,
      code: 'PlanChanged',
    });

    // WHEN it comes from who started it THEN it is refused
    await expect(approve(alice, yes(id))).rejects.toMatchObject({
      code: 'NotAllowed',
      message: expect.stringContaining('may not approve its contract gate'),
    });
    expect(await scene.aftermath(id)).toMatchObject({ status: 'running', lease: id });

    // WHEN somebody else approves THEN it goes through, and there is nothing to decide any more
    await approve(bob, yes(id));
    await expect(reject(bob, { ...yes(id), reason: 'too late' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(AlreadyDecided|WrongState)$/),
    });
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toEqual(succeeded);
  });

  it('is not taken back by a second decision while the gate is still passed', async () => {
    // GIVEN a gate that is decided, of an execution that waits at the next one
    const gates = { review: '{kind: approval}', contract: '{kind: approval}' };
    await scene.write('0001_add_nickname', addNickname({ gates }));
    const id = await scene.start('0001_add_nickname');
    const bob = await scene.as('bob');
    await scene.atGate(id, 'review');
    await approve(bob, { ...yes(id), gate: 'review' });
    await scene.atGate(id, 'contract');

    // WHEN
    const second = reject(bob, { execution: id, gate: 'review', reason: 'changed my mind' });

    // THEN
    await expect(second).rejects.toMatchObject({
      code: 'AlreadyDecided',
      message: expect.stringContaining('gate review was approved'),
    });
    await approve(bob, yes(id));
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toEqual(succeeded);
  });

  it('that is refused takes everything back', async () => {
    // GIVEN
    await scene.write(
      '0001_add_nickname',
      addNickname({ gates: { contract: '{kind: approval}' } }),
    );
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'contract');

    // WHEN
    const bob = await scene.as('bob');
    await reject(bob, { execution: id, gate: 'contract', reason: 'not on a Friday' });
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(
      rolledBack(`gate contract was rejected by ${bob.by}: not on a Friday`),
    );
    expect(await scene.picture()).toEqual(before);
  });
});

describe('an approver', () => {
  it('sees before the decision that old and new came apart while the gate waited', async () => {
    // GIVEN a gate that opened with what the backfill proved
    const cut = `  - id: hide_name
    sql: alter table people rename column name to name_old
    undo: alter table people rename column name_old to name`;
    const yaml = addNickname({ gates: { contract: '{kind: approval}' }, contract: cut }).replace(
      /sql: update people .*/,
      'set: {nickname: lower(name)}',
    );
    await scene.write('0001_add_nickname', yaml);
    const id = await scene.start('0001_add_nickname');
    const { gates: opened } = await scene.atGate(id, 'contract');
    expect(opened.at(-1)?.comparison?.found.kind).toBe('equal');

    // WHEN the old application writes one side, and the workflow looks an hour later
    await scene.pool.query(`update people set name = 'Somebody' where id = 7`);
    const handler = await handlerOf('Open contract gate');
    scene.aws.lambda.skewClock(handler, 3_600_000);
    const task = { executionId: id, mode: 'forward', run: 'arn:run', formatVersion: 1 };
    await scene.aws.lambda.invoke(handler, { ...task, gate: 'contract' });
    scene.aws.lambda.skewClock(handler, 0);

    // THEN the row is named to whoever asks, and to whoever approves in spite of it
    const bob = await scene.as('bob');
    const [gate] = await bob.control.listGates(id);
    expect(gate?.comparison?.found).toMatchObject({
      kind: 'different',
      reason: expect.stringMatching(/1 row: \(id\)=\(7\).*; contract would be taken back/),
    });
    const answer = await bob.decide({ executionId: id, kind: 'approve', gate: 'contract' });
    expect(answer).toMatchObject({ message: expect.stringContaining('(id)=(7)') });
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toEqual(rolledBack('before contract: '));
  });
});

describe('who somebody is', () => {
  it('is what STS says of an approval, not what its sender says', async () => {
    // GIVEN an execution of alice's that waits for somebody else
    await scene.write(
      '0001_add_nickname',
      addNickname({ gates: { contract: '{kind: approval}' }, snapshots: 'required' }),
    );
    const id = await scene.start('0001_add_nickname', 'alice', 'strict');
    await scene.atGate(id, 'contract');
    const decision = { executionId: id, kind: 'approve', gate: 'contract' } as const;
    const alice = await scene.as('alice', 'strict');
    const send = (message: unknown) => invokeDecideGate(scene, message);

    // WHEN alice hands in an approval without a proof, with a name, or with bob's proof of something else
    const bob = await scene.as('bob', 'strict');
    const bobs = await bob.identity.prove(claimOfDecision({ ...decision, gate: 'review' }));
    const refused = { ok: false, code: 'NotAllowed' };
    expect(await send({ decision })).toMatchObject(refused);
    expect(await send({ decision, by: bob.by })).toMatchObject(refused);
    expect(await send({ decision, proof: bobs })).toMatchObject({
      ...refused,
      message: expect.stringContaining('SignatureDoesNotMatch'),
    });

    // THEN nobody approved, also after alice rewrote what she may write
    const { control } = alice;
    await control.changeExecution(id, { status: 'running' });
    expect((await control.getGate(id, 'contract'))?.approvals).toEqual([]);
    expect(await control.getStarter(id)).toMatchObject({ by: alice.by, fourEyes: true });
    await approve(bob, yes(id));
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toEqual(succeeded);
  });

  it('is checked of a start, before anything is changed', async () => {
    // GIVEN alice, who writes the record of an execution in the name of bob
    await scene.write('0001_add_nickname', addNickname({ gates: {} }));
    const { migration, source } = await scene.read('0001_add_nickname');
    const alice = await scene.as('alice');
    const bob = await scene.as('bob');

    // WHEN
    const { executionId } = await startExecution({ ...alice, by: bob.by }, migration, source);
    await scene.toEnd(executionId);

    // THEN
    expect(await scene.aftermath(executionId)).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining(`${alice.by} started this execution, and its record says`),
    });
    expect(await scene.picture()).toEqual(before);
  });
});

describe('a signal', () => {
  it('that comes before its gate is kept, once, and the gate passes at once', async () => {
    // GIVEN an execution that waits for something else
    const gates = { review: '{kind: approval}', deploy: '{kind: signal}' };
    await scene.write('0001_add_nickname', addNickname({ gates }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'review');
    const pipeline = await scene.as('pipeline');
    const deployed = { execution: id, name: 'app', version: 'v2', id: undefined };

    // WHEN
    const [first, second] = [await signal(pipeline, deployed), await signal(pipeline, deployed)];
    await approve(await scene.as('bob'), { ...yes(id), gate: 'review' });
    const facts = await scene.toEnd(id);

    // THEN
    expect(first.text).toBe(`${id}: kept: no gate waits for a signal yet`);
    expect(second.text).toBe(`${id}: signal app@v2 was known already`);
    expect(facts.signals).toHaveLength(1);
    const deploy = facts.gates.find(({ name }) => name === 'deploy');
    expect(deploy?.decision).toMatchObject({ kind: 'approved', by: pipeline.by });
    expect(await scene.aftermath(id)).toEqual(succeeded);
  });
});

describe('a gate that nobody answers in time', () => {
  it('goes back where silence is a no', async () => {
    // GIVEN
    const deploy = '{kind: signal, timeout: 1s, on_timeout: rollback}';
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy } }));

    // WHEN
    const id = await scene.start('0001_add_nickname');
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(rolledBack('gate deploy expired'));
    expect(await scene.picture()).toEqual(before);
  });

  it('goes on waiting where nothing is undone because nobody came', async () => {
    // GIVEN
    const deploy = '{kind: signal, timeout: 1s, on_timeout: hold}';
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');

    // WHEN its time is over
    const overdue = await scene.until(id, ({ gates }) =>
      gates.some(({ expiresAt }) => Date.now() > expiresAt + 1_000),
    );

    // THEN it still waits, and what it waited for still opens it
    expect(overdue.gates[0]?.decision).toBeUndefined();
    expect(await scene.aftermath(id)).toMatchObject({ status: 'running', lease: id });
    await signal(await scene.as('pipeline'), {
      execution: id,
      name: 'app',
      version: undefined,
      id: undefined,
    });
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toEqual(succeeded);
  });
});
