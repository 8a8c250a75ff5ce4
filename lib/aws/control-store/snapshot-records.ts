import { z } from 'zod';
import type { EpochMs, ExecutionId, Fingerprint } from '../../core/ids.ts';
import { SNAPSHOT_MOMENTS } from '../../core/workflow/payload.ts';
import type { ClusterDescription } from '../../ports/cluster-service.ts';
import type { ControlStore, SnapshotRecord } from '../../ports/control-store.ts';
import type { ControlTable, Expression } from './control-table.ts';
import { branded, maybe, readItem, writeItem } from './item-format.ts';
import { keys, snapshotPartition } from './keys.ts';

type SnapshotRecords = Pick<ControlStore, 'putSnapshotRecord' | 'listSnapshotRecords'>;

const clusterSchema: z.ZodType<ClusterDescription> = z.object({
  clusterIdentifier: z.string(),
  clusterArn: z.string(),
  status: z.string(),
  engine: z.string(),
  engineVersion: z.string(),
  port: maybe(z.number()),
  subnetGroup: maybe(z.string()),
  securityGroupIds: z.array(z.string()),
  parameterGroup: maybe(z.string()),
  kmsKeyId: maybe(z.string()),
  storageType: maybe(z.string()),
  serverlessScaling: maybe(z.object({ minCapacity: z.number(), maxCapacity: z.number() })),
  iamAuthentication: z.boolean(),
  deletionProtection: z.boolean(),
  dataApiEnabled: z.boolean(),
  logExports: z.array(z.string()),
  backupRetentionDays: maybe(z.number()),
  copyTagsToSnapshot: z.boolean(),
  tags: z.record(z.string(), z.string()),
  instances: z.array(
    z.object({
      instanceIdentifier: z.string(),
      instanceClass: z.string(),
      isWriter: z.boolean(),
      publiclyAccessible: z.boolean(),
    }),
  ),
  earliestRestorableTime: maybe(branded<EpochMs>('number')),
  latestRestorableTime: maybe(branded<EpochMs>('number')),
});

const recordSchema: z.ZodType<SnapshotRecord> = z.object({
  executionId: branded<ExecutionId>('string'),
  moment: z.enum(SNAPSHOT_MOMENTS),
  snapshotIdentifier: z.string(),
  requestedAt: branded<EpochMs>('number'),
  availableAt: maybe(branded<EpochMs>('number')),
  cluster: clusterSchema,
  picture: z
    .object({
      fingerprint: branded<Fingerprint>('string'),
      tables: z.array(z.object({ table: z.string(), estimatedRows: maybe(z.number()) })),
    })
    .optional(),
});

/** A late writer that still saw `creating` must not take back that the snapshot is available. */
const NOT_AVAILABLE_YET: Expression = { text: 'attribute_not_exists(availableAt)' };

/** Which snapshots exist and what the cluster looked like: a snapshot alone cannot be restored. */
export function snapshotRecords(table: ControlTable): SnapshotRecords {
  return {
    async putSnapshotRecord(record) {
      const key = keys.snapshot(record.executionId, record.moment, record.snapshotIdentifier);
      const condition = record.availableAt === undefined ? NOT_AVAILABLE_YET : undefined;
      await table.put(key, writeItem(record), condition);
    },

    async listSnapshotRecords(id) {
      const items = await table.list(snapshotPartition(id));
      return items
        .map((item) => readItem(recordSchema, item))
        .toSorted((a, b) => a.requestedAt - b.requestedAt);
    },
  };
}
