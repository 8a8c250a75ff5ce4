import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import type { LockkeeperEvent } from '../../lib/core/executions/event.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';
import type { RestoreReport } from '../../lib/engine/restore/report.ts';
import { type AwsScene, openAwsScene } from './aws-scene.ts';
import {
  CUSTOMER_COUNT,
  type CustomersPicture,
  createCustomers,
  normalizeEmails,
  pictureOf,
} from './customers.ts';

const MIGRATION = '0001_normalize_emails';

interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}

describe('the command line on the deployed app', () => {
  let scene: AwsScene;
  let before: CustomersPicture;
  /** A timer of an account wakes by itself; MiniStack knows no `TimeoutSecondsPath`. */
  let soak: string;

  beforeAll(async () => {
    scene = await openAwsScene();
    soak = scene.deployment.tier === 'account' ? '{kind: timer, duration: 2s}' : 'none';
  });

  beforeEach(async () => {
    await scene.reset();
    await createCustomers(scene.database);
    before = await pictureOf(scene.database);
    await scene.project.write(MIGRATION, normalizeEmails({ soak }));
  });

  afterAll(() => scene?.close());

  /** Says that the application is deployed, and waits for the next gate. */
  async function deployed(id: ExecutionId): Promise<void> {
    await scene.untilGate(id, 'deploy');
    const signalled = await scene.say('signal', id, 'app', '--version', '2.0.0');
    expect(signalled).toMatchObject({ exitCode: 0, value: { woken: true } });
  }

  async function goThrough(): Promise<ExecutionId> {
    const id = await scene.start('0001');
    await deployed(id);
    await scene.untilGate(id, 'contract');
    const { value } = await scene.say<StatusFacts>('status', id);
    const plan = value.execution.planHash?.slice(0, 12) ?? '';
    await scene.say('approve', id, 'contract', '--plan', plan, '--reason', 'looked at it');
    return id;
  }

  it('goes from gate to gate to the new schema', async () => {
    // GIVEN a migration that was started
    const id = await scene.start('0001');

    // WHEN the pipeline signals its deployment, and somebody approves the plan they looked at
    await deployed(id);
    await scene.untilGate(id, 'contract');
    const moved = await pictureOf(scene.database);
    const wrong = await scene.say<Refusal>('approve', id, 'contract', '--plan', '0123456789ab');
    const { value: facts } = await scene.say<StatusFacts>('status', id);
    const plan = facts.execution.planHash?.slice(0, 12) ?? '';
    const approved = await scene.say('approve', id, 'contract', '--plan', plan);
    const { exitCode, value, run } = await scene.watch(id);

    // THEN both columns were there until the contract, and only the new one is there after it
    expect(moved.columns).toEqual(['id bigint not null', 'email text not null', 'address text']);
    expect(moved.indexes).toEqual(['customers_email', 'customers_pkey']);
    expect(wrong).toMatchObject({ exitCode: 7, value: { error: { code: 'PlanChanged' } } });
    expect(approved).toMatchObject({ exitCode: 0, value: { gate: 'contract', woken: true } });
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
    // ... all sides agree on how it ended
    expect(exitCode).toBe(0);
    expect(value.execution.status).toBe('succeeded');
    expect(run).toEqual({ status: 'SUCCEEDED', error: undefined });
    const snapshots = value.snapshots.map(({ moment, availableAt }) => ({
      moment,
      available: availableAt !== undefined,
    }));
    expect(snapshots).toEqual([
      { moment: 'before-expand', available: true },
      { moment: 'before-contract', available: true },
    ]);
    // ... and a process of its own says the same
    const history = await scene.project.inProcess('history', id, '--json');
    const { events }: { events: readonly LockkeeperEvent[] } = JSON.parse(history.out);
    const kinds = events.map(({ kind }) => kind);
    expect(history.exitCode).toBe(0);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'ExecutionStarted',
        'SignalReceived',
        'GateDecided',
        'ExecutionSucceeded',
      ]),
    );
  });

  it('restores what was there before, into a cluster of its own', async () => {
    // GIVEN a migration that went through, and then lost somebody's data
    const id = await goThrough();
    expect((await scene.watch(id)).exitCode).toBe(0);
    await scene.database.execute(`update customers set address = 'lost'`);
    const damaged = await pictureOf(scene.database);

    // WHEN the snapshot from before is restored
    const { exitCode, value } = await scene.say<RestoreReport>(
      ...['restore', id, '--moment', 'before-expand'],
    );

    // THEN the new cluster holds what was there, and the damaged one was not touched
    expect({ exitCode, value }).toMatchObject({ exitCode: 0, value: { status: 'succeeded' } });
    expect(value.checks.filter(({ held }) => !held)).toEqual([]);
    const restored = scene.connect(value.restoredClusterArn);
    expect(await pictureOf(restored)).toEqual(before);
    await restored.close();
    expect(value.restoredCluster).not.toBe(scene.deployment.clusterIdentifier);
    expect(await pictureOf(scene.database)).toEqual(damaged);
  });

  it('is rolled back when what it made is not valid', async () => {
    // GIVEN a migration whose validation finds a row, after expand and backfill went well
    const validation = `address = 'user7@example.com'`;
    await scene.project.write(MIGRATION, normalizeEmails({ soak, validation }));
    const id = await scene.start('0001');

    // WHEN it goes on
    await deployed(id);
    const { exitCode, value, run } = await scene.watch(id);

    // THEN schema and rows are what they were, and the reason is known
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(exitCode).toBe(4);
    expect(value.execution).toMatchObject({
      status: 'rolled-back',
      reason: expect.stringContaining('every_address_is_right'),
    });
    expect(run).toEqual({ status: 'FAILED', error: 'MigrationRolledBack' });
  });

  it('is rolled back when the contract is rejected', async () => {
    // GIVEN an execution whose rows are moved
    const id = await scene.start('0001');
    await deployed(id);
    await scene.untilGate(id, 'contract');

    // WHEN a reviewer rejects
    const rejected = await scene.say('reject', id, 'contract', '--reason', 'not this week');
    const { exitCode, value, run } = await scene.watch(id);

    // THEN it goes all the way back
    expect(rejected.exitCode).toBe(0);
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(exitCode).toBe(4);
    expect(value.execution.reason).toContain('not this week');
    expect(run).toEqual({ status: 'FAILED', error: 'MigrationRolledBack' });
  });

  it('is rolled back when it is aborted while a gate waits, and nobody gets in between', async () => {
    // GIVEN an execution that waits for a deployment
    const id = await scene.start('0001');
    await scene.untilGate(id, 'deploy');

    // WHEN somebody starts another one
    const second = await scene.say<StatusFacts>('start', '0001');

    // THEN it is told who has the target
    expect(second.exitCode).toBe(3);
    expect(second.value.execution).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining(`is in the hands of execution ${id}, running`),
    });

    // WHEN somebody aborts the first
    const aborted = await scene.say('abort', id, '--reason', 'the wrong database');
    const { exitCode, value, run } = await scene.watch(id);

    // THEN the waiting state was woken and it went back
    expect(aborted).toMatchObject({ exitCode: 0, value: { woken: true } });
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(exitCode).toBe(4);
    expect(value.execution.reason).toContain('the wrong database');
    expect(run).toEqual({ status: 'FAILED', error: 'MigrationRolledBack' });
  });

  it('is rolled back by the event when its run is stopped from outside', async () => {
    // GIVEN an execution that waits for a deployment
    const id = await scene.start('0001');
    await scene.untilGate(id, 'deploy');

    // WHEN somebody stops the run behind its back, so that none of its states can react
    await scene.stopFromOutside(id);
    const { exitCode, run } = await scene.watch(id);

    // THEN the rule on the bus started a run that goes back
    expect(await pictureOf(scene.database)).toEqual(before);
    expect(exitCode).toBe(4);
    expect(run.status).toBe('ABORTED');
  });

  it('is refused before anything was changed when an assertion does not hold', async () => {
    // GIVEN a database without the rows that the migration counts on
    await scene.database.execute('truncate customers');

    // WHEN it is started
    const { exitCode, value } = await scene.say<StatusFacts>('start', '0001');

    // THEN it is rejected
    expect(exitCode).toBe(3);
    expect(value.execution).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('has_customers'),
    });
    expect((await pictureOf(scene.database)).columns).toEqual(before.columns);
  });
});
