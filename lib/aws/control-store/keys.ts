import type { StopName } from '../../core/gates/gate.ts';
import type { EpochMs, ExecutionId } from '../../core/ids.ts';
import type { SnapshotMoment } from '../../core/workflow/payload.ts';

/** Where an item is: partition key `pk` and sort key `sk`, both strings. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** The index that lists executions by time; its keys are on execution records only. */
export const BY_TIME_INDEX = { name: 'by-time', pk: 'listPk', sk: 'listSk' } as const;
export const EXECUTION_LIST = 'executions';

/**
 * The keys of the control table. Every kind has its own `pk` prefix, so an IAM policy can give a
 * role some kinds and not others (condition key `dynamodb:LeadingKeys`): only who decides gates
 * needs `token#*`.
 *
 * | `pk`             | `sk`                          | holds                                                   |
 * |------------------|-------------------------------|---------------------------------------------------------|
 * | `execution#<id>` | `record`                      | the execution; also in the index: `executions`, `<time>#<id>` |
 * | `execution#<id>` | `run#<run>`                   | one workflow that worked on it                          |
 * | `source#<id>`    | `files`                       | the migration's files at start, gzip                    |
 * | `starter#<id>`   | `starter`                     | who started it, verified; written once                  |
 * | `plan#<id>`      | `plan`                        | the plan, gzip; written once                            |
 * | `gate#<id>`      | `<gate>`                      | the gate with its revision                              |
 * | `token#<id>`     | `<gate>`                      | the encrypted task token of the latest wait             |
 * | `signal#<id>`    | `<signal id>`                 | a deployment signal; written once                       |
 * | `flags#<id>`     | `flags`                       | pause and abort                                         |
 * | `lease#<target>` | `lease`                       | holder and fencing counter; never deleted               |
 * | `snapshot#<id>`  | `<moment>#<snapshot>`         | a snapshot and the cluster's configuration at its time  |
 * | `progress#<id>`  | `progress`                    | latest figures of the running phase                     |
 * | `audit#<id>`     | `<time>#<order>#<digest>`     | one event; written once                                 |
 */
export const keys = {
  execution: (id: ExecutionId): ItemKey => ({ pk: executionPartition(id), sk: 'record' }),
  run: (id: ExecutionId, run: string): ItemKey => ({
    pk: executionPartition(id),
    sk: `run#${run}`,
  }),
  source: (id: ExecutionId): ItemKey => ({ pk: `source#${id}`, sk: 'files' }),
  starter: (id: ExecutionId): ItemKey => ({ pk: `starter#${id}`, sk: 'starter' }),
  plan: (id: ExecutionId): ItemKey => ({ pk: `plan#${id}`, sk: 'plan' }),
  gate: (id: ExecutionId, gate: StopName): ItemKey => ({ pk: gatePartition(id), sk: gate }),
  token: (id: ExecutionId, gate: StopName): ItemKey => ({ pk: `token#${id}`, sk: gate }),
  signal: (id: ExecutionId, signalId: string): ItemKey => ({
    pk: signalPartition(id),
    sk: signalId,
  }),
  flags: (id: ExecutionId): ItemKey => ({ pk: `flags#${id}`, sk: 'flags' }),
  lease: (target: string): ItemKey => ({ pk: `lease#${target}`, sk: 'lease' }),
  snapshot: (id: ExecutionId, moment: SnapshotMoment, snapshot: string): ItemKey => ({
    pk: snapshotPartition(id),
    sk: `${moment}#${snapshot}`,
  }),
  progress: (id: ExecutionId): ItemKey => ({ pk: `progress#${id}`, sk: 'progress' }),
  audit: (id: ExecutionId, at: EpochMs, order: number, digest: string): ItemKey => ({
    pk: auditPartition(id),
    sk: `${sortableTime(at)}#${String(order).padStart(6, '0')}#${digest}`,
  }),
} as const;

export const executionPartition = (id: ExecutionId): string => `execution#${id}`;
export const gatePartition = (id: ExecutionId): string => `gate#${id}`;
export const signalPartition = (id: ExecutionId): string => `signal#${id}`;
export const snapshotPartition = (id: ExecutionId): string => `snapshot#${id}`;
export const auditPartition = (id: ExecutionId): string => `audit#${id}`;

/** Index keys of an execution: text order is time order. */
export function listKeysOf(
  id: ExecutionId,
  startedAt: EpochMs,
): { readonly listPk: string; readonly listSk: string } {
  return { listPk: EXECUTION_LIST, listSk: `${sortableTime(startedAt)}#${id}` };
}

/** 15 digits hold every millisecond until the year 33658. */
function sortableTime(at: EpochMs): string {
  return String(at).padStart(15, '0');
}
