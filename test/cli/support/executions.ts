import type { StatusFacts } from '../../../lib/cli/views/status-view.ts';
import type { Execution } from '../../../lib/core/executions/execution.ts';
import type { Gate, Signal } from '../../../lib/core/gates/gate.ts';
import {
  type Checksum,
  durationMs,
  type EpochMs,
  type ExecutionId,
  epochMs,
  type MigrationId,
  type PlanHash,
} from '../../../lib/core/ids.ts';

/** Sunday, 2026-11-22 16:00:00 UTC. */
export const NOON: EpochMs = epochMs(Date.UTC(2026, 10, 22, 16));
export const ID = '0002_add_billing-k3x9ab' as ExecutionId;

const DAY_MS = 86_400_000;

export function execution(change: Partial<Execution> = {}): Execution {
  return {
    executionId: ID,
    migrationId: '0002_add_billing' as MigrationId,
    title: 'Add billing to a running SaaS',
    checksum: 'c'.repeat(64) as Checksum,
    environment: 'prod',
    target: 'orders/orders',
    startedBy: 'arn:aws:sts::123456789012:assumed-role/Operator/olivia',
    startedAt: NOON,
    status: 'running',
    activity: 'backfill',
    planHash: 'a'.repeat(64) as PlanHash,
    runs: [{ run: 'arn:run', mode: 'forward', startedAt: NOON, startedBy: 'olivia' }],
    finishedAt: undefined,
    reason: undefined,
    ...change,
  };
}

export function gate(change: Partial<Gate> = {}): Gate {
  return {
    executionId: ID,
    name: 'deploy',
    declared: {
      kind: 'signal',
      signals: ['app', 'worker'],
      timeoutMs: durationMs(DAY_MS),
      onTimeout: 'hold',
    },
    planHash: 'a'.repeat(64) as PlanHash,
    openedAt: NOON,
    expiresAt: epochMs(NOON + DAY_MS),
    approvals: [],
    decision: undefined,
    revision: 1,
    ...change,
  };
}

export const approvalGate = (approvals: number): Gate =>
  gate({
    name: 'contract',
    declared: { kind: 'approval', approvals, timeoutMs: durationMs(DAY_MS), onTimeout: 'hold' },
  });

export const signalOf = (name: string): Signal => ({
  signalId: `${name}@v2`,
  name,
  version: 'v2',
  by: 'pipeline',
  at: NOON,
});

export function facts(change: Partial<StatusFacts> = {}): StatusFacts {
  return {
    execution: execution(),
    flags: { paused: false, abort: undefined },
    gates: [],
    signals: [],
    progress: [],
    snapshots: [],
    workflow: 'RUNNING',
    next: [],
    ...change,
  };
}
