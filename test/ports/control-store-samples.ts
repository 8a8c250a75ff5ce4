import type { Execution } from '../../lib/core/executions/execution.ts';
import type { Gate } from '../../lib/core/gates/gate.ts';
import {
  type Checksum,
  durationMs,
  type ExecutionId,
  epochMs,
  type Fingerprint,
  type MigrationId,
  type PlanHash,
} from '../../lib/core/ids.ts';
import { hashPlan } from '../../lib/core/plan/hash.ts';
import type { HashedPlan } from '../../lib/core/plan/plan.ts';
import type { MigrationSource, SnapshotRecord } from '../../lib/ports/control-store.ts';

export const MIGRATION = '0002_add_billing' as MigrationId;
export const NOON = epochMs(Date.UTC(2026, 10, 22, 12));
export const PLAN_HASH = 'a'.repeat(64) as PlanHash;

let count = 0;

/** An id no other test uses. */
export function newExecutionId(migrationId: MigrationId = MIGRATION): ExecutionId {
  count += 1;
  return `${migrationId}-x${String(count).padStart(6, '0')}` as ExecutionId;
}

export function anExecution(change: Partial<Execution> = {}): Execution {
  return {
    executionId: newExecutionId(change.migrationId),
    migrationId: MIGRATION,
    title: 'Add billing',
    checksum: 'c'.repeat(64) as Checksum,
    environment: 'staging',
    target: undefined,
    startedBy: 'arn:aws:iam::123456789012:user/ada',
    startedAt: NOON,
    status: 'starting',
    activity: 'Prepare',
    planHash: undefined,
    runs: [],
    finishedAt: undefined,
    reason: undefined,
    ...change,
  };
}

export function aSource(change: Partial<MigrationSource> = {}): MigrationSource {
  return {
    migrationId: MIGRATION,
    files: { 'migration.yaml': 'title: Add billing ✓\n', 'sql/expand.sql': "select 'it''s';" },
    known: [{ migrationId: MIGRATION, checksum: 'c'.repeat(64) as Checksum }],
    environment: {
      name: 'staging',
      policy: { fourEyes: true, allowWithoutSnapshots: false, onDrift: 'refuse' },
      overrides: { gates: {}, snapshots: {}, windows: {} },
    },
    ...change,
  };
}

export function aPlan(title = 'Add billing'): HashedPlan {
  return hashPlan({
    formatVersion: 1,
    migrationId: MIGRATION,
    title,
    checksum: 'c'.repeat(64) as Checksum,
    serverVersion: 18,
    fingerprint: 'f'.repeat(64) as Fingerprint,
    steps: [],
    gates: {
      review: { kind: 'none' },
      deploy: { kind: 'none' },
      contract: { kind: 'none' },
      soak: { kind: 'timer', durationMs: durationMs(60_000) },
    },
    snapshots: { beforeExpand: 'required', beforeContract: 'required' },
    windows: {},
  });
}

export function aGate(executionId: ExecutionId, change: Partial<Gate> = {}): Gate {
  return {
    executionId,
    name: 'contract',
    declared: {
      kind: 'approval',
      approvals: 2,
      timeoutMs: durationMs(3_600_000),
      onTimeout: 'hold',
    },
    planHash: PLAN_HASH,
    openedAt: NOON,
    expiresAt: epochMs(NOON + 3_600_000),
    approvals: [],
    decision: undefined,
    revision: 1,
    ...change,
  };
}

export function aSnapshotRecord(
  executionId: ExecutionId,
  change: Partial<SnapshotRecord> = {},
): SnapshotRecord {
  return {
    executionId,
    moment: 'before-expand',
    snapshotIdentifier: 'lk-0002-before-expand',
    requestedAt: NOON,
    availableAt: undefined,
    cluster: {
      clusterIdentifier: 'orders',
      clusterArn: 'arn:aws:rds:eu-central-1:123456789012:cluster:orders',
      status: 'available',
      engine: 'aurora-postgresql',
      engineVersion: '17.4',
      port: 5432,
      subnetGroup: 'private',
      securityGroupIds: ['sg-1', 'sg-2'],
      parameterGroup: 'orders-pg17',
      kmsKeyId: undefined,
      storageType: undefined,
      serverlessScaling: { minCapacity: 0.5, maxCapacity: 8 },
      iamAuthentication: false,
      deletionProtection: true,
      dataApiEnabled: true,
      logExports: ['postgresql'],
      backupRetentionDays: 7,
      copyTagsToSnapshot: true,
      tags: { team: 'orders' },
      instances: [
        {
          instanceIdentifier: 'orders-1',
          instanceClass: 'db.serverless',
          isWriter: true,
          publiclyAccessible: false,
        },
      ],
      earliestRestorableTime: NOON,
      latestRestorableTime: undefined,
    },
    ...change,
  };
}
