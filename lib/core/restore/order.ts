import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { EpochMs, ExecutionId, PlanHash } from '../ids.ts';
import type { SnapshotMoment } from '../workflow/payload.ts';

/** What a restore is asked to do, decided when it is ordered and never changed afterwards. */
export interface RestoreOrder {
  /** The execution whose snapshot, or whose target, it is about. */
  readonly of: ExecutionId;
  readonly source: RestoreSource;
  /** Whether the restored cluster takes the place of the original one, after an approval. */
  readonly takeOver: boolean;
  readonly names: ClusterNames;
}

export type RestoreSource =
  | {
      readonly kind: 'snapshot';
      readonly moment: SnapshotMoment;
      readonly snapshotIdentifier: string;
    }
  /** `at` undefined: the latest restorable time, whenever RDS is asked. */
  | { readonly kind: 'point-in-time'; readonly at: EpochMs | undefined };

/** What each cluster and each writer is called before and after. */
export interface ClusterNames {
  /** The name, and with it endpoint and ARN, that applications know. */
  readonly original: string;
  /** The new cluster until it takes over. */
  readonly restored: string;
  /** The old cluster from then on. */
  readonly kept: string;
  /** The writer of the original cluster; the one of the restored cluster gets its name. */
  readonly originalWriter: string;
  readonly restoredWriter: string;
}

/** SHA-256 over the order's canonical JSON: what an approval of the takeover binds to. */
export function hashOrder(order: RestoreOrder): PlanHash {
  return createHash('sha256').update(canonicalJson(order), 'utf8').digest('hex') as PlanHash;
}

/** Such as `before contract`, or `2026-11-22T17:00:00.000Z`. */
export function describeSource(source: RestoreSource): string {
  if (source.kind === 'snapshot') return source.moment.replace('-', ' ');
  return source.at === undefined
    ? 'at the latest restorable time'
    : new Date(source.at).toISOString();
}
