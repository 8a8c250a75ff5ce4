import { isDeepStrictEqual } from 'node:util';
import { compress } from '../../lib/aws/control-store/compressed-text.ts';
import { LockkeeperError } from '../../lib/core/errors.ts';
import type { LockkeeperEvent, TrailKind } from '../../lib/core/executions/event.ts';
import type { Execution, ExecutionFlags } from '../../lib/core/executions/execution.ts';
import { type Gate, type Signal, STOPS } from '../../lib/core/gates/gate.ts';
import type { Starter } from '../../lib/core/identity/starter.ts';
import { type EpochMs, type ExecutionId, fencingToken } from '../../lib/core/ids.ts';
import type { HashedPlan } from '../../lib/core/plan/plan.ts';
import type {
  ControlStore,
  Lease,
  LeaseAnswer,
  MigrationSource,
  SnapshotRecord,
  StepProgress,
} from '../../lib/ports/control-store.ts';

/** The last lease of a target, whether or not somebody has it: its counter never goes back. */
interface LeaseItem {
  readonly fence: number;
  readonly lease: Lease | undefined;
}

/**
 * The control store in this process, held to the same contract as the one on DynamoDB. For the life
 * cycles of operations: they go through thousands of executions, and what they prove is about the
 * database. On an embedded DynamoDB half of their time went into signing and parsing requests.
 */
export function memoryControlStore(): ControlStore {
  const executions = new Map<ExecutionId, Execution>();
  const sources = new Map<ExecutionId, MigrationSource>();
  const starters = new Map<ExecutionId, Starter>();
  const plans = new Map<ExecutionId, HashedPlan>();
  const flags = new Map<ExecutionId, ExecutionFlags>();
  const leases = new Map<string, LeaseItem>();
  const gates = new Map<string, Gate>();
  const tokens = new Map<string, string>();
  const signals = new Map<ExecutionId, readonly Signal[]>();
  const snapshots = new Map<ExecutionId, readonly SnapshotRecord[]>();
  const progress = new Map<ExecutionId, readonly StepProgress[]>();
  const events = new Map<ExecutionId, readonly LockkeeperEvent<TrailKind>[]>();

  const flagsOf = (id: ExecutionId): ExecutionFlags =>
    flags.get(id) ?? { paused: false, abort: undefined };
  const atGate = (id: ExecutionId, name: string) => `${id} ${name}`;
  const holderOf = (target: string) => leases.get(target)?.lease;

  function take(
    target: string,
    executionId: ExecutionId,
    since: EpochMs,
    mayTakeFrom: ExecutionId,
  ): LeaseAnswer {
    const by = holderOf(target);
    if (by !== undefined && by.executionId !== executionId && by.executionId !== mayTakeFrom) {
      return { kind: 'held', by };
    }
    const fence = fencingToken((leases.get(target)?.fence ?? 0) + 1);
    const lease: Lease = { target, executionId, fence, since };
    leases.set(target, { fence, lease });
    return { kind: 'acquired', lease };
  }

  return {
    async createExecution(execution, source) {
      const id = execution.executionId;
      if (executions.has(id)) throw new LockkeeperError('Conflict', `an execution ${id} exists`);
      compress(source, 'the migration', 'InvalidMigration', 'the limit of the real store');
      executions.set(id, execution);
      sources.set(id, source);
    },
    getExecution: async (id) => executions.get(id),
    async listExecutions({ migrationId, target, limit }) {
      return [...executions.values()]
        .filter((one) => migrationId === undefined || one.migrationId === migrationId)
        .filter((one) => target === undefined || one.target === target)
        .toSorted((a, b) => b.startedAt - a.startedAt)
        .slice(0, limit);
    },
    async changeExecution(id, change) {
      const known = executions.get(id);
      if (known === undefined) throw new LockkeeperError('UnknownExecution', `no execution ${id}`);
      const set = Object.entries(change).filter(([, value]) => value !== undefined);
      const values = set.map(([name, value]) => [name, value ?? undefined]);
      const changed: Execution = { ...known, ...Object.fromEntries(values) };
      executions.set(id, changed);
      return changed;
    },
    async addRun(id, run) {
      const known = executions.get(id);
      if (known === undefined || known.runs.some((one) => one.run === run.run)) return;
      const runs = [...known.runs, run].toSorted((a, b) => a.startedAt - b.startedAt);
      executions.set(id, { ...known, runs });
    },
    getSource: async (id) => sources.get(id),

    async putStarter(id, starter) {
      if (!starters.has(id)) starters.set(id, starter);
    },
    getStarter: async (id) => starters.get(id),

    async putPlan(id, plan) {
      const kept = plans.get(id) ?? plan;
      if (kept.hash !== plan.hash) throw new LockkeeperError('PlanChanged', `${id} has a plan`);
      plans.set(id, kept);
    },
    getPlan: async (id) => plans.get(id),

    acquireLease: async (target, me, now) => take(target, me, now, me),
    takeOverLease: async (target, from, to, now) => take(target, to, now, from),
    async nextFencingToken(target, me, above = fencingToken(0)) {
      const item = leases.get(target);
      if (item?.lease?.executionId !== me) return undefined;
      const fence = fencingToken(Math.max(item.fence, above) + 1);
      leases.set(target, { fence, lease: { ...item.lease, fence } });
      return fence;
    },
    getLease: async (target) => holderOf(target),
    async releaseLease(target, me) {
      const item = leases.get(target);
      if (item?.lease?.executionId === me) leases.set(target, { ...item, lease: undefined });
    },

    getFlags: async (id) => flagsOf(id),
    async putTuning(id, tuning) {
      flags.set(id, { ...flagsOf(id), tuning });
    },
    async acceptQuarantine(id, quarantineAccepted) {
      flags.set(id, { ...flagsOf(id), quarantineAccepted });
    },
    async setPaused(id, paused) {
      flags.set(id, { ...flagsOf(id), paused });
    },
    async requestAbort(id, request) {
      flags.set(id, { ...flagsOf(id), abort: flagsOf(id).abort ?? request });
    },
    async clearAbort(id) {
      flags.set(id, { ...flagsOf(id), abort: undefined });
    },

    getGate: async (id, name) => gates.get(atGate(id, name)),
    async listGates(id) {
      return STOPS.flatMap((name) => gates.get(atGate(id, name)) ?? []);
    },
    async putGate(gate, expectedRevision) {
      const key = atGate(gate.executionId, gate.name);
      const kept = gates.get(key);
      if (isDeepStrictEqual(kept, gate)) return 'written';
      if ((kept?.revision ?? 0) !== expectedRevision) return 'conflict';
      gates.set(key, gate);
      return 'written';
    },
    async putTaskToken(id, name, taskToken) {
      tokens.set(atGate(id, name), taskToken);
    },
    getTaskToken: async (id, name) => tokens.get(atGate(id, name)),

    async putSignal(id, signal) {
      const known = signals.get(id) ?? [];
      if (known.some(({ signalId }) => signalId === signal.signalId)) return 'duplicate';
      signals.set(id, [...known, signal]);
      return 'kept';
    },
    listSignals: async (id) => (signals.get(id) ?? []).toSorted((a, b) => a.at - b.at),

    async putSnapshotRecord(record) {
      const known = snapshots.get(record.executionId) ?? [];
      const same = (one: SnapshotRecord) => one.snapshotIdentifier === record.snapshotIdentifier;
      const available = known.some((one) => same(one) && one.availableAt !== undefined);
      if (available && record.availableAt === undefined) return;
      snapshots.set(record.executionId, [...known.filter((one) => !same(one)), record]);
    },
    async listSnapshotRecords(id) {
      return (snapshots.get(id) ?? []).toSorted((a, b) => a.requestedAt - b.requestedAt);
    },

    async putProgress(id, steps) {
      progress.set(id, steps);
    },
    getProgress: async (id) => progress.get(id) ?? [],

    async audit(event) {
      events.set(event.executionId, [...(events.get(event.executionId) ?? []), event]);
    },
    async listAudit(id) {
      return (events.get(id) ?? []).toSorted((a, b) => a.at - b.at);
    },
  };
}
