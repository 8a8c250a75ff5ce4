import './support/no-color.ts';
import { describe, expect, it } from '@jest/globals';
import type { Output } from '../../lib/cli/output.ts';
import { changeTeller } from '../../lib/cli/tell-changes.ts';
import { clockTime, duration } from '../../lib/cli/views/durations.ts';
import { executionsView, trailView } from '../../lib/cli/views/history-view.ts';
import { restoreView } from '../../lib/cli/views/restore-view.ts';
import { snapshotsView } from '../../lib/cli/views/snapshots-view.ts';
import { statusView } from '../../lib/cli/views/status-view.ts';
import type { GateComparison } from '../../lib/core/gates/gate.ts';
import {
  type Checksum,
  durationMs,
  type ExecutionId,
  epochMs,
  type MigrationId,
} from '../../lib/core/ids.ts';
import type { SnapshotRecord, StepProgress } from '../../lib/ports/control-store.ts';
import { approvalGate, execution, facts, gate, ID, NOON, signalOf } from './support/executions.ts';

const MINUTE_MS = 60_000;
const later = (ms: number) => epochMs(NOON + ms);

const snapshot: SnapshotRecord = {
  executionId: ID,
  moment: 'before-expand',
  snapshotIdentifier: 'lockkeeper-0002-add-billing-k3x9ab-before-expand',
  requestedAt: NOON,
  availableAt: undefined,
  cluster: {} as SnapshotRecord['cluster'],
};

const statement: StepProgress = {
  stepId: 'create_billing',
  kind: 'statement',
  state: 'done',
  startedAt: NOON,
  updatedAt: later(54),
};

const backfill: StepProgress = {
  stepId: 'fill_amounts',
  kind: 'backfill',
  state: 'running',
  startedAt: NOON,
  updatedAt: NOON,
  rowsDone: 250_000,
  rowsTotal: 1_000_000,
  rowsPerSecond: 8_333.3,
  etaMs: 90_000,
};

describe('statusView', () => {
  it('shows an execution under way', () => {
    expect(
      statusView(
        facts({
          flags: { paused: true, abort: undefined },
          snapshots: [snapshot, { ...snapshot, availableAt: later(MINUTE_MS) }],
          gates: [
            { ...gate(), decision: { kind: 'approved', at: later(MINUTE_MS), by: 'ci' } },
            approvalGate(2),
          ],
          progress: [statement, backfill, { ...statement, state: 'failed', note: 'no lock' }],
          next: [`lockkeeper resume ${ID}`],
        }),
        later(5 * MINUTE_MS),
      ),
    ).toMatchInlineSnapshot(`
"0002_add_billing-k3x9ab  running  Add billing to a running SaaS
prod · started 2026-11-22 16:00:00Z by assumed-role/Operator/olivia · 5 min
paused by an operator
doing     backfill
snapshot  lockkeeper-0002-add-billing-k3x9ab-before-expand (being made)
snapshot  lockkeeper-0002-add-billing-k3x9ab-before-expand (2026-11-22 16:01:00Z)
gate      deploy: approved by ci, 2026-11-22 16:01:00Z
gate      contract: 0 of 2 approvals, 23 h 55 min left
  + create_billing                   54 ms
  > fill_amounts                     250,000 of about 1,000,000 rows · 8,333/s · about 90 s left
  x create_billing                   no lock

next
  lockkeeper resume 0002_add_billing-k3x9ab"
`);
  });

  it('shows how the batches of a backfill change, what holds it, how it was tuned and what was compared', () => {
    const held: StepProgress = {
      ...backfill,
      state: 'held',
      heldBy: 'a replica is 12000 ms behind',
      note: 'held: a replica is 12000 ms behind',
      batches: [
        { rows: 1_000, ms: 40 },
        { rows: 1_500, ms: 62 },
        { rows: 4_000, ms: 100 },
      ],
      parity: { compared: 1_000_000, different: 0, repaired: 0 },
    };
    const flags = { paused: false, abort: undefined, tuning: { batchTarget: 50 } };
    const shown = statusView(facts({ flags, progress: [held] }), later(MINUTE_MS));
    expect(shown).toContain('tuned: batchTarget 50 ms');
    expect(shown).toContain('8,333/s · held: a replica is 12000 ms behind');
    expect(shown).toContain('rows ▃▄█ 1,000 to 4,000   time ▄▅█ 40 to 100 ms');
    expect(shown).toContain('compared 1,000,000 rows with the old structure, 0 differ');
  });

  it('shows the load of the target: each value, where it holds and goes on, and what holds', () => {
    const load: StepProgress['load'] = [
      {
        signal: 'waitingForUs',
        unit: 'sessions',
        value: 0,
        holdsAt: 10,
        goesOnAt: 2,
        holds: false,
      },
      {
        signal: 'replicaLag',
        unit: 'ms',
        value: 12_000,
        holdsAt: 10_000,
        goesOnAt: 2_000,
        holds: true,
      },
      {
        signal: 'commitLatency',
        unit: 'ms',
        value: 'pending',
        holdsAt: 100,
        goesOnAt: 50,
        holds: false,
      },
      { signal: 'cpu', unit: '%', value: 'unreadable', holdsAt: 90, goesOnAt: 75, holds: true },
      { signal: 'deadRows', unit: '%', value: 11.5, holds: false },
      { signal: 'vacuum', unit: 'yes or no', value: 1, holds: false },
    ];
    const shown = (state: StepProgress['state']) =>
      statusView(facts({ progress: [{ ...backfill, state, load }] }), later(MINUTE_MS));
    const lines = shown('held').split('\n');
    const from = lines.findIndex((line) => line.includes('load of the target'));
    expect(lines.slice(from, from + 1 + load.length).join('\n')).toMatchInlineSnapshot(`
"      load of the target         now         holds at     goes on at
      sessions that wait for us  0 sessions  10 sessions  2 sessions
      replica lag                12.0 s      10.0 s       2.0 s       holds it
      time of a commit           not known   100 ms       50 ms
      CPU of the writer          unreadable  90%          75%         holds it
      dead rows in the table     11.5%       never
      vacuum on the table        yes         never"
`);
    expect(shown('done')).not.toContain('replica lag');
  });

  it('shows at the gate of contract when old and new were last equal', () => {
    const at = later(MINUTE_MS);
    const shownFor = (found: GateComparison['found'], decided = false) =>
      statusView(
        facts({
          gates: [
            {
              ...approvalGate(1),
              comparison: { at, found, lastEqualAt: NOON },
              ...(decided && { decision: { kind: 'approved', at, by: 'ci' } }),
            },
          ],
        }),
        later(13 * MINUTE_MS),
      );
    const equal = { kind: 'equal', rows: 2_000_000 } as const;
    expect(shownFor(equal)).toContain('old and new were equal 12 min ago (2,000,000 rows)');
    expect(
      shownFor({ kind: 'different', reason: 'fill: old and new differ in 1 row: (id)=(9)' }),
    ).toContain('differ in 1 row: (id)=(9) (compared 12 min ago, last equal 13 min ago)');
    expect(shownFor({ kind: 'not-compared', reason: 'no connection' })).toContain(
      'old and new were not compared 12 min ago, last equal 13 min ago: no connection',
    );
    expect(shownFor(equal, true)).not.toContain('old and new');
  });

  it('names what a gate still waits for', () => {
    const shown = statusView(
      facts({ gates: [gate()], signals: [signalOf('app')] }),
      later(25 * 60 * MINUTE_MS),
    );
    expect(shown).toContain('deploy: waits for a signal of worker, overdue by 1 h');
  });

  it('says when nobody works on it', () => {
    expect(statusView(facts({ workflow: 'TIMED_OUT' }), NOON)).toContain(
      'nobody works on it: its workflow ended as TIMED_OUT',
    );
    const failure = 'UnknownVersion: made by another version of Lockkeeper';
    expect(statusView(facts({ workflow: 'FAILED', failure }), NOON)).toContain(
      `nobody works on it: its workflow ended as FAILED, ${failure}`,
    );
  });

  it('shows why an execution ended', () => {
    expect(
      statusView(
        facts({
          execution: execution({
            status: 'rolled-back',
            finishedAt: later(2 * 3_600_000),
            reason: 'abort requested by arn:aws:iam::123456789012:user/bob: wrong week',
          }),
          workflow: undefined,
        }),
        later(10 * 3_600_000),
      ),
    ).toMatchInlineSnapshot(`
"0002_add_billing-k3x9ab  rolled-back  Add billing to a running SaaS
prod · started 2026-11-22 16:00:00Z by assumed-role/Operator/olivia · 2 h
reason    abort requested by user/bob: wrong week"
`);
  });
});

describe('changeTeller', () => {
  it('tells each change once and figures every ten seconds', () => {
    // GIVEN
    const lines: string[] = [];
    const output: Output = { progress: (line) => lines.push(line), live: () => undefined };
    const tell = changeTeller(output);

    // WHEN
    tell(facts({ progress: [backfill] }), later(10_000));
    tell(facts({ progress: [{ ...backfill, rowsDone: 300_000 }] }), later(11_000));
    const bounds = { etaEarliestMs: 60_000, etaLatestMs: 120_000 };
    tell(facts({ progress: [{ ...backfill, ...bounds, rowsDone: 400_000 }] }), later(20_000));
    tell(facts({ gates: [gate()], next: [`lockkeeper signal ${ID} app`] }), later(21_000));
    tell(facts({ gates: [gate()], next: [`lockkeeper signal ${ID} app`] }), later(22_000));

    // THEN
    expect(lines.join('\n')).toMatchInlineSnapshot(`
"16:00:10  running: backfill
16:00:10  fill_amounts: running
16:00:10  fill_amounts: 250,000 of about 1,000,000 rows, about 90 s left
16:00:20  fill_amounts: 400,000 of about 1,000,000 rows, about 90 s left (60 s to 2 min)
16:00:21  gate deploy: waits for a signal of app, worker, 23 h 59 min left
16:00:21  next:
            lockkeeper signal 0002_add_billing-k3x9ab app"
`);
  });
});

describe('historyView', () => {
  it('lists executions', () => {
    expect(executionsView([execution(), execution({ status: 'rejected' })])).toMatchInlineSnapshot(`
"started               execution                status    by
2026-11-22 16:00:00Z  0002_add_billing-k3x9ab  running   assumed-role/Operator/olivia
2026-11-22 16:00:00Z  0002_add_billing-k3x9ab  rejected  assumed-role/Operator/olivia"
`);
  });

  it('lists what happened to one, hashes shortened', () => {
    const event = { at: NOON, executionId: ID, migrationId: '0002_add_billing' as MigrationId };
    expect(
      trailView(execution({ status: 'succeeded' }), [
        { ...event, kind: 'ExecutionStarted', by: 'arn:aws:iam::123456789012:user/olivia' },
        { ...event, kind: 'PlanReady', facts: { planHash: 'a'.repeat(64), steps: 4 } },
        { ...event, kind: 'GateOpened', facts: { gate: 'deploy', expiresAt: later(1_000) } },
        { ...event, kind: 'SignalReceived', by: 'ci', facts: { signal: 'app', version: null } },
        { ...event, kind: 'Paused', by: 'bob', reason: 'lunch' },
      ]),
    ).toMatchInlineSnapshot(`
"0002_add_billing-k3x9ab  succeeded  Add billing to a running SaaS
when                  what              by
2026-11-22 16:00:00Z  ExecutionStarted  user/olivia
2026-11-22 16:00:00Z  PlanReady                      planHash aaaaaaaaaaaa · steps 4
2026-11-22 16:00:00Z  GateOpened                     gate deploy · expiresAt 2026-11-22 16:00:01Z
2026-11-22 16:00:00Z  SignalReceived    ci           signal app
2026-11-22 16:00:00Z  Paused            bob          lunch"
`);
  });
});

describe('snapshotsView', () => {
  it('lists snapshots', () => {
    const summary = {
      snapshotIdentifier: 'lockkeeper-0002-add-billing-k3x9ab-before-expand',
      snapshotArn: 'arn:aws:rds:eu-central-1:123456789012:cluster-snapshot:x',
      clusterIdentifier: 'orders',
      createdAt: NOON,
      tags: { 'lockkeeper:moment': 'before-expand', 'lockkeeper:execution': ID },
    };
    expect(
      snapshotsView([
        { ...summary, status: 'creating', percent: 40 },
        { ...summary, status: 'available', percent: 100 },
      ]),
    ).toMatchInlineSnapshot(`
"taken                 snapshot                                          status        moment         execution
2026-11-22 16:00:00Z  lockkeeper-0002-add-billing-k3x9ab-before-expand  creating 40%  before-expand  0002_add_billing-k3x9ab
2026-11-22 16:00:00Z  lockkeeper-0002-add-billing-k3x9ab-before-expand  available     before-expand  0002_add_billing-k3x9ab"
`);
  });
});

describe('restoreView', () => {
  it('says what is missing and what to do', () => {
    expect(
      restoreView({
        restoreId: '0002_add_billing-k3x9abr1',
        of: ID,
        status: 'succeeded',
        keptCluster: undefined,
        checks: [{ name: 'schema', held: true, note: 'fingerprint ca4f6b1ef460' }],
        snapshotIdentifier: 'lockkeeper-0002-add-billing-k3x9ab-before-contract',
        moment: 'before-contract',
        originalCluster: 'orders',
        restoredCluster: 'orders-restored-k3x9ab-c',
        restoredClusterArn:
          'arn:aws:rds:eu-central-1:123456789012:cluster:orders-restored-k3x9ab-c',
        takenAt: NOON,
        writeLossMs: durationMs(754_000),
        ledger: [
          {
            migrationId: '0001_rename' as MigrationId,
            checksum: 'c' as Checksum,
            executionId: '0001_rename-aaaa' as ExecutionId,
            status: 'applied',
            fingerprintAfter: undefined,
          },
          {
            migrationId: '0002_add_billing' as MigrationId,
            checksum: 'c' as Checksum,
            executionId: ID,
            status: 'in-progress',
            fingerprintAfter: undefined,
          },
        ],
      }),
    ).toMatchInlineSnapshot(`
"orders-restored-k3x9ab-c is a copy of orders as it was before contract.
orders itself was not touched: it still serves whoever is connected to it.

What is missing  Everything written to orders since 2026-11-22 16:00:00Z:
                 12 min 34 s of writes, and more with every minute.

What was verified in it
  + schema: fingerprint ca4f6b1ef460

What it says about itself
  0001_rename: applied by 0001_rename-aaaa
  0002_add_billing: in-progress by 0002_add_billing-k3x9ab: expanded and filled, nothing taken away; old and new application both work

What to do next
  1. Look at it: the cluster ARN is arn:aws:rds:eu-central-1:123456789012:cluster:orders-restored-k3x9ab-c
  2. Decide: use it in place of orders, or copy what was lost back out of it.
  3. To use it: lockkeeper restore 0002_add_billing-k3x9ab --take-over; the same cluster takes the name orders
     once somebody approves. Or point the application at it.
  4. orders-restored-k3x9ab-c costs money until it is deleted, also when you only looked at it."
`);
  });
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [12_400, '12.4 s'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [360_000_000, '4 d 4 h'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('shows the time of day', () => {
    expect(clockTime(NOON)).toBe('16:00:00');
  });
});
