import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AwsScene, openAwsScene } from './aws-scene.ts';
import {
  CUSTOMER_COUNT,
  type CustomersPicture,
  createCustomers,
  normalizeEmails,
  pictureOf,
} from './customers.ts';

const MIGRATION = '0001_normalize_emails';
const DEPLOYED = { kind: 'signal', signalId: 'deploy-1', name: 'app', version: '2.0.0' } as const;

describe('an execution of the deployed app', () => {
  let scene: AwsScene;
  let before: CustomersPicture;

  beforeAll(async () => {
    scene = await openAwsScene();
  });

  beforeEach(async () => {
    await scene.reset();
    await createCustomers(scene.database);
    before = await pictureOf(scene.database);
  });

  afterAll(() => scene.close());

  it('goes from gate to gate to the new schema', async () => {
    // GIVEN a migration that was started
    const started = await scene.start(MIGRATION, normalizeEmails());

    // WHEN the pipeline signals its deployment, a reviewer approves, and the soak time passes
    await scene.untilGate(started, 'deploy');
    await scene.decide(started, DEPLOYED);
    await scene.untilGate(started, 'contract');
    const moved = await pictureOf(scene.database);
    await scene.decide(started, { kind: 'approve', gate: 'contract' });
    const { execution, run } = await scene.untilEnded(started);

    // THEN both columns were there until the contract, and only the new one is there after it
    expect(moved.columns).toEqual(['id bigint not null', 'email text not null', 'address text']);
    expect(await pictureOf(scene.database)).toMatchObject({
      columns: ['id bigint not null', 'address text'],
      constraints: ['customers_address'],
      rows: CUSTOMER_COUNT,
    });
    expect(
      await scene.database.query('select address from customers where id in (1, 2) order by id'),
    ).toEqual([{ address: 'user1@example.com' }, { address: 'user2@example.com' }]);
    expect(
      await scene.database.query('select count(*)::int4 as n from customers where address is null'),
    ).toEqual([{ n: 0 }]);
    // ... and all sides agree on how it ended
    expect(run.status).toBe('SUCCEEDED');
    expect(execution.status).toBe('succeeded');
    expect(await scene.control.getLease(execution.target ?? '')).toBeUndefined();
    const snapshots = await scene.control.listSnapshotRecords(execution.executionId);
    expect(snapshots.map(({ moment, availableAt }) => [moment, availableAt !== undefined])).toEqual(
      [
        ['before-expand', true],
        ['before-contract', true],
      ],
    );
    expect(await scene.statesOf(started)).toEqual(
      expect.arrayContaining(['Prepare', 'Await deploy', 'Backfill', 'Await soak', 'Succeeded']),
    );
  });

  it('is rolled back when what it made is not valid', async () => {
    // GIVEN a migration whose validation finds a row, after expand and backfill went well
    const started = await scene.start(
      MIGRATION,
      normalizeEmails({ validation: `address = 'user7@example.com'` }),
    );
    await scene.untilGate(started, 'deploy');

    // WHEN it goes on
    await scene.decide(started, DEPLOYED);
    const { execution, run } = await scene.untilEnded(started);

    // THEN schema and rows are what they were, and the reason is known
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(execution).toMatchObject({
      status: 'rolled-back',
      reason: expect.stringContaining('every_address_is_right'),
    });
    expect(run).toMatchObject({ status: 'FAILED', error: 'MigrationRolledBack' });
  });

  it('is rolled back when the contract is rejected', async () => {
    // GIVEN an execution whose rows are moved
    const started = await scene.start(MIGRATION, normalizeEmails());
    await scene.untilGate(started, 'deploy');
    await scene.decide(started, DEPLOYED);
    await scene.untilGate(started, 'contract');

    // WHEN a reviewer rejects
    await scene.decide(started, { kind: 'reject', gate: 'contract', reason: 'not this week' });
    const { execution, run } = await scene.untilEnded(started);

    // THEN it goes all the way back
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(execution).toMatchObject({
      status: 'rolled-back',
      reason: expect.stringContaining('not this week'),
    });
    expect(run).toMatchObject({ status: 'FAILED', error: 'MigrationRolledBack' });
  });

  it('is rolled back when it is aborted while a gate waits', async () => {
    // GIVEN an execution that waits for a deployment
    const started = await scene.start(MIGRATION, normalizeEmails());
    await scene.untilGate(started, 'deploy');

    // WHEN somebody aborts it
    await scene.decide(started, { kind: 'abort', reason: 'the wrong database' });
    const { execution, run } = await scene.untilEnded(started);

    // THEN the waiting state was woken and it went back
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(execution).toMatchObject({ status: 'rolled-back' });
    expect(run).toMatchObject({ status: 'FAILED', error: 'MigrationRolledBack' });
  });

  it('is rolled back by the event when its run is stopped from outside', async () => {
    // GIVEN an execution that waits for a deployment
    const started = await scene.start(MIGRATION, normalizeEmails());
    await scene.untilGate(started, 'deploy');

    // WHEN somebody stops the run behind its back, so that none of its states can react
    await scene.stepFunctions.send(
      new StopExecutionCommand({ executionArn: started.runs[0]?.run ?? '' }),
    );
    const { execution, run } = await scene.untilEnded(started);

    // THEN the rule on the bus started a run that goes back
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(execution).toMatchObject({ status: 'rolled-back' });
    expect(run).toMatchObject({ status: 'ABORTED' });
    expect(await scene.control.getLease(execution.target ?? '')).toBeUndefined();
  });

  it('is refused before anything was changed when an assertion does not hold', async () => {
    // GIVEN a database without the rows that the migration counts on
    await scene.database.execute('truncate customers');

    // WHEN it is started
    const { execution, run } = await scene.untilEnded(
      await scene.start(MIGRATION, normalizeEmails()),
    );

    // THEN it is rejected
    expect(execution).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('has_customers'),
    });
    expect(run).toMatchObject({ status: 'FAILED', error: 'MigrationRejected' });
    expect((await pictureOf(scene.database)).columns).toEqual(before.columns);
  });
});
