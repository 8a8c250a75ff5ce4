import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EpochMs, epochMs, fencingToken, type MigrationId } from '../../lib/core/ids.ts';
import type { ControlStore } from '../../lib/ports/control-store.ts';
import {
  aGate,
  anExecution,
  aPlan,
  aSnapshotRecord,
  aSource,
  NOON,
  newExecutionId,
  PLAN_HASH,
} from './control-store-samples.ts';

const later = (ms: number): EpochMs => epochMs(NOON + ms);

/** What every control store must do, whatever it is made of. */
export function describeControlStore(
  name: string,
  open: () => Promise<{ readonly store: ControlStore; close(): Promise<void> }>,
): void {
  describe(`the control store contract: ${name}`, () => {
    let store: ControlStore;
    let close: () => Promise<void>;

    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    describe('executions', () => {
      it('gives an execution and its source back as they were', async () => {
        // GIVEN
        const execution = anExecution();
        const source = aSource();
        // WHEN
        await store.createExecution(execution, source);
        // THEN
        expect(await store.getExecution(execution.executionId)).toEqual(execution);
        expect(await store.getSource(execution.executionId)).toEqual(source);
      });

      it('knows nothing of an id nobody created', async () => {
        const id = newExecutionId();
        expect(await store.getExecution(id)).toBeUndefined();
        expect(await store.getSource(id)).toBeUndefined();
        expect(await store.getPlan(id)).toBeUndefined();
      });

      it('fails with Conflict when the id exists, and keeps the first', async () => {
        // GIVEN
        const first = anExecution();
        await store.createExecution(first, aSource());
        // WHEN
        const second = store.createExecution(
          { ...first, startedBy: 'somebody else', title: 'Other' },
          aSource(),
        );
        // THEN
        await expect(second).rejects.toMatchObject({ code: 'Conflict' });
        expect(await store.getExecution(first.executionId)).toEqual(first);
      });

      it('does not let a refused start replace the source of the first', async () => {
        // GIVEN
        const execution = anExecution();
        await store.createExecution(execution, aSource());
        // WHEN
        const second = store.createExecution(execution, aSource({ files: {} }));
        // THEN
        await expect(second).rejects.toMatchObject({ code: 'Conflict' });
        expect(await store.getSource(execution.executionId)).toEqual(aSource());
      });

      it('changes only what the change names', async () => {
        // GIVEN
        const execution = anExecution();
        await store.createExecution(execution, aSource());
        // WHEN
        const changed = await store.changeExecution(execution.executionId, {
          status: 'running',
          target: 'orders/app',
          planHash: PLAN_HASH,
          activity: 'Expand',
        });
        // THEN
        const expected = {
          ...execution,
          status: 'running',
          target: 'orders/app',
          planHash: PLAN_HASH,
          activity: 'Expand',
        };
        expect(changed).toEqual(expected);
        expect(await store.getExecution(execution.executionId)).toEqual(expected);
      });

      it('fails with UnknownExecution when there is nothing to change', async () => {
        const id = newExecutionId();
        const change = store.changeExecution(id, { status: 'running' });
        await expect(change).rejects.toMatchObject({ code: 'UnknownExecution' });
        expect(await store.getExecution(id)).toBeUndefined();
      });

      it('keeps each workflow run once, in the order they started', async () => {
        // GIVEN
        const execution = anExecution();
        await store.createExecution(execution, aSource());
        const forward = { run: 'arn:z', mode: 'forward', startedAt: NOON, startedBy: 'a' } as const;
        const resume = {
          run: 'arn:a',
          mode: 'resume',
          startedAt: later(5),
          startedBy: 'b',
        } as const;
        // WHEN
        await store.addRun(execution.executionId, resume);
        await store.addRun(execution.executionId, forward);
        await store.addRun(execution.executionId, forward);
        // THEN
        const stored = await store.getExecution(execution.executionId);
        expect(stored?.runs).toEqual([forward, resume]);
      });

      it('lists the newest first, as many as asked for, of one target or migration', async () => {
        // GIVEN 30 executions, more than one page, of another migration than the rest of this suite
        const migrationId = '0009_listed' as MigrationId;
        const executions = Array.from({ length: 30 }, (_, index) =>
          anExecution({
            migrationId,
            startedAt: later(index * 1000),
            target: index % 2 === 0 ? 'orders/app' : 'billing/app',
          }),
        );
        await Promise.all(executions.map((one) => store.createExecution(one, aSource())));
        const newestFirst = executions.map((one) => one.executionId).toReversed();
        const list = async (filter: { target?: string; limit: number }) =>
          (await store.listExecutions({ migrationId, ...filter })).map((one) => one.executionId);
        // THEN
        expect(await list({ limit: 3 })).toEqual(newestFirst.slice(0, 3));
        expect(await list({ limit: 100 })).toEqual(newestFirst);
        expect(await list({ target: 'billing/app', limit: 100 })).toHaveLength(15);
      });

      it('refuses a source that is too large to be kept, and says by how much', async () => {
        // GIVEN half a megabyte that does not compress
        const noise = Array.from({ length: 90_000 }, () => Math.random().toString(36)).join('');
        const execution = anExecution();
        // WHEN
        const created = store.createExecution(execution, aSource({ files: { 'big.sql': noise } }));
        // THEN
        await expect(created).rejects.toMatchObject({
          code: 'InvalidMigration',
          message: expect.stringMatching(/is \d+ KB compressed, at most 350 KB/),
        });
        expect(await store.getExecution(execution.executionId)).toBeUndefined();
      });
    });

    describe('who started an execution', () => {
      it('is kept as it was first verified', async () => {
        // GIVEN
        const { executionId } = anExecution();
        expect(await store.getStarter(executionId)).toBeUndefined();
        const ada = { by: 'arn:aws:iam::123456789012:user/ada', at: NOON, fourEyes: true };
        // WHEN
        await store.putStarter(executionId, ada);
        await store.putStarter(executionId, { ...ada, by: 'somebody else', fourEyes: false });
        // THEN
        expect(await store.getStarter(executionId)).toEqual(ada);
      });
    });

    describe('plans', () => {
      it('keeps a plan; the same one again is fine, another one is refused', async () => {
        // GIVEN
        const id = newExecutionId();
        await store.putPlan(id, aPlan());
        // WHEN
        await store.putPlan(id, aPlan());
        const other = store.putPlan(id, aPlan('Add something else'));
        // THEN
        await expect(other).rejects.toMatchObject({ code: 'PlanChanged' });
        expect(await store.getPlan(id)).toEqual(aPlan());
      });
    });

    describe('leases', () => {
      it('gives a free target to the first who asks and names the holder to the second', async () => {
        // GIVEN
        const [first, second] = [newExecutionId(), newExecutionId()];
        // WHEN
        const won = await store.acquireLease('t1', first, NOON);
        const lost = await store.acquireLease('t1', second, later(1));
        // THEN
        expect(won).toMatchObject({
          kind: 'acquired',
          lease: { target: 't1', executionId: first, since: NOON },
        });
        expect(lost).toMatchObject({ kind: 'held', by: { executionId: first, since: NOON } });
        expect(await store.getLease('t1')).toMatchObject({ executionId: first });
      });

      it('gives larger and larger tokens, also across a release', async () => {
        // GIVEN
        const [first, second] = [newExecutionId(), newExecutionId()];
        const fences: number[] = [];
        const take = async (who: typeof first) => {
          const answer = await store.acquireLease('t2', who, NOON);
          if (answer.kind === 'acquired') fences.push(answer.lease.fence);
        };
        // WHEN
        await take(first);
        await take(first);
        fences.push((await store.nextFencingToken('t2', first)) ?? -1);
        await store.releaseLease('t2', first);
        await take(second);
        // THEN
        expect(fences).toHaveLength(4);
        expect(fences).toEqual(fences.toSorted((a, b) => a - b));
        expect(new Set(fences).size).toBe(4);
      });

      it('gives no token to who is not the holder', async () => {
        const [holder, other] = [newExecutionId(), newExecutionId()];
        await store.acquireLease('t3', holder, NOON);
        expect(await store.nextFencingToken('t3', other)).toBeUndefined();
        await store.releaseLease('t3', holder);
        expect(await store.nextFencingToken('t3', holder)).toBeUndefined();
        expect(await store.nextFencingToken('never taken', holder)).toBeUndefined();
      });

      it('gives a token above the one that the target remembers', async () => {
        const holder = newExecutionId();
        await store.acquireLease('t6', holder, NOON);
        expect(await store.nextFencingToken('t6', holder, fencingToken(700))).toBe(701);
        expect(await store.nextFencingToken('t6', holder, fencingToken(5))).toBe(702);
        expect(
          await store.nextFencingToken('t6', newExecutionId(), fencingToken(900)),
        ).toBeUndefined();
        expect(await store.nextFencingToken('t6', holder)).toBe(703);
      });

      it('is not released by somebody else', async () => {
        const [holder, other] = [newExecutionId(), newExecutionId()];
        await store.acquireLease('t4', holder, NOON);
        await store.releaseLease('t4', other);
        await store.releaseLease('never taken', other);
        expect(await store.getLease('t4')).toMatchObject({ executionId: holder });
        expect(await store.getLease('never taken')).toBeUndefined();
      });

      it('is taken over from the named holder only', async () => {
        // GIVEN
        const [old, heir, late] = [newExecutionId(), newExecutionId(), newExecutionId()];
        await store.acquireLease('t5', old, NOON);
        // WHEN
        const taken = await store.takeOverLease('t5', old, heir, later(1));
        const refused = await store.takeOverLease('t5', old, late, later(2));
        // THEN
        expect(taken).toMatchObject({ kind: 'acquired', lease: { executionId: heir } });
        expect(refused).toMatchObject({ kind: 'held', by: { executionId: heir } });
        expect(await store.nextFencingToken('t5', old)).toBeUndefined();
      });
    });

    describe('flags', () => {
      it('are down until somebody asks', async () => {
        const flags = await store.getFlags(newExecutionId());
        expect(flags).toEqual({ paused: false, abort: undefined });
      });

      it('pause and abort independently; the first request to abort stays', async () => {
        // GIVEN
        const id = newExecutionId();
        const first = { by: 'ada', reason: 'errors on the canary', at: NOON };
        // WHEN
        await store.setPaused(id, true);
        await store.requestAbort(id, first);
        await store.requestAbort(id, { by: 'bob', reason: 'me too', at: later(1) });
        // THEN
        expect(await store.getFlags(id)).toEqual({ paused: true, abort: first });
        // WHEN
        await store.clearAbort(id);
        await store.setPaused(id, false);
        // THEN
        expect(await store.getFlags(id)).toEqual({ paused: false, abort: undefined });
      });

      it('keep how the pace was tuned last, and who accepted what was set aside', async () => {
        // GIVEN
        const id = newExecutionId();
        const accepted = { by: 'ada', reason: 'test accounts', at: NOON };
        // WHEN
        await store.putTuning(id, { batchTarget: 50, holdLag: 500 });
        await store.putTuning(id, { batchTarget: 250 });
        await store.acceptQuarantine(id, accepted);
        // THEN
        expect(await store.getFlags(id)).toEqual({
          paused: false,
          abort: undefined,
          tuning: { batchTarget: 250 },
          quarantineAccepted: accepted,
        });
        // WHEN
        await store.putTuning(id, {});
        // THEN
        expect((await store.getFlags(id)).tuning).toEqual({});
      });
    });

    describe('gates', () => {
      it('are written only over the revision that was read', async () => {
        // GIVEN
        const id = newExecutionId();
        const opened = aGate(id);
        const approved = aGate(id, {
          revision: 2,
          approvals: [{ by: 'bob', at: later(1), reason: undefined }],
          decision: { kind: 'approved', at: later(1), by: 'bob' },
        });
        // WHEN
        expect(await store.putGate(opened, 0)).toBe('written');
        expect(await store.putGate({ ...opened, expiresAt: later(9) }, 0)).toBe('conflict');
        expect(await store.putGate(approved, 1)).toBe('written');
        const rejected = { kind: 'rejected', at: later(2), by: 'eve', reason: 'no' } as const;
        expect(await store.putGate({ ...opened, revision: 2, decision: rejected }, 1)).toBe(
          'conflict',
        );
        // THEN
        expect(await store.getGate(id, 'contract')).toEqual(approved);
        expect(await store.getGate(id, 'soak')).toBeUndefined();
      });

      it('lets exactly one of many deciding at once win', async () => {
        // GIVEN
        const id = newExecutionId();
        await store.putGate(aGate(id), 0);
        // WHEN
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            store.putGate(
              aGate(id, {
                revision: 2,
                decision: { kind: 'approved', at: later(index), by: `person ${index}` },
              }),
              1,
            ),
          ),
        );
        // THEN
        expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      });

      it('recognizes its own write when it is sent again', async () => {
        const id = newExecutionId();
        await store.putGate(aGate(id), 0);
        expect(await store.putGate(aGate(id), 0)).toBe('written');
      });

      it('are listed in the order of the workflow', async () => {
        const id = newExecutionId();
        for (const name of ['soak', 'deploy', 'review'] as const) {
          await store.putGate(aGate(id, { name }), 0);
        }
        const names = (await store.listGates(id)).map((gate) => gate.name);
        expect(names).toEqual(['review', 'deploy', 'soak']);
      });

      it('keeps the task token of the latest wait', async () => {
        const id = newExecutionId();
        await store.putTaskToken(id, 'deploy', 'token-1');
        await store.putTaskToken(id, 'deploy', 'token-2/+=');
        expect(await store.getTaskToken(id, 'deploy')).toBe('token-2/+=');
        expect(await store.getTaskToken(id, 'contract')).toBeUndefined();
      });
    });

    describe('signals', () => {
      it('are kept once each, oldest first', async () => {
        // GIVEN
        const id = newExecutionId();
        const web = { signalId: 'z', name: 'web', version: '1.2', by: 'ci', at: NOON };
        const worker = {
          signalId: 'a',
          name: 'worker',
          version: undefined,
          by: 'ci',
          at: later(1),
        };
        // WHEN
        expect(await store.putSignal(id, worker)).toBe('kept');
        expect(await store.putSignal(id, web)).toBe('kept');
        expect(await store.putSignal(id, { ...web, version: '6.6' })).toBe('duplicate');
        // THEN
        expect(await store.listSignals(id)).toEqual([web, worker]);
      });
    });

    describe('snapshot records', () => {
      it('stay available once they were, and hold what a restore needs', async () => {
        // GIVEN
        const id = newExecutionId();
        const creating = aSnapshotRecord(id);
        const available = { ...creating, availableAt: later(60_000) };
        // WHEN
        await store.putSnapshotRecord(creating);
        await store.putSnapshotRecord(available);
        await store.putSnapshotRecord(creating);
        // THEN
        expect(await store.listSnapshotRecords(id)).toEqual([available]);
      });

      it('are all kept, in the order they were requested', async () => {
        const id = newExecutionId();
        const second = aSnapshotRecord(id, {
          moment: 'before-contract',
          snapshotIdentifier: 'two',
          requestedAt: later(5),
        });
        await store.putSnapshotRecord(second);
        await store.putSnapshotRecord(aSnapshotRecord(id));
        expect(await store.listSnapshotRecords(id)).toEqual([aSnapshotRecord(id), second]);
      });
    });

    describe('progress', () => {
      it('is what was put last', async () => {
        const id = newExecutionId();
        expect(await store.getProgress(id)).toEqual([]);
        const step = {
          stepId: 'fill',
          kind: 'backfill',
          startedAt: NOON,
          updatedAt: NOON,
        } as const;
        const load = [
          { signal: 'replicaLag', unit: 'ms', value: 12, holdsAt: 100, goesOnAt: 20, holds: false },
          { signal: 'cpu', unit: '%', value: 'unreadable', holds: true },
        ] as const;
        const eta = { etaMs: 900, etaEarliestMs: 800, etaLatestMs: 1_100 };
        const hold = { since: NOON, wentOnAt: NOON };
        await store.putProgress(id, [
          { ...step, state: 'running', rowsDone: 10, load, hold, ...eta },
        ]);
        expect(await store.getProgress(id)).toMatchObject([{ rowsDone: 10, load, hold, ...eta }]);
        await store.putProgress(id, [{ ...step, state: 'done', rowsDone: 20, note: 'keyset' }]);
        expect(await store.getProgress(id)).toEqual([
          { ...step, state: 'done', rowsDone: 20, note: 'keyset' },
        ]);
      });
    });

    describe('the audit trail', () => {
      it('has every event, oldest first, in the order they were written', async () => {
        // GIVEN
        const { executionId, migrationId } = anExecution();
        const event = (
          kind: 'PhaseStarted' | 'PhaseFinished' | 'ExecutionStarted',
          at: EpochMs,
        ) => ({
          kind,
          at,
          executionId,
          migrationId,
          by: 'ada',
          facts: { phase: 'expand', rows: 3, retried: false, owner: null },
        });
        const events = [
          event('ExecutionStarted', NOON),
          event('PhaseStarted', later(1)),
          event('PhaseFinished', later(1)),
          event('PhaseStarted', later(1)),
        ];
        // WHEN
        for (const one of events) await store.audit(one);
        // THEN
        expect(await store.listAudit(executionId)).toEqual(events);
      });
    });
  });
}
