import type { SaasSize } from './saas/load-saas.ts';
import type { TrafficReport } from './traffic/traffic-report.ts';

/** Everything the demo's report says, measured by whoever ran the demo. */
export interface DemoFacts {
  readonly size: SaasSize;
  readonly loadMs: number;
  readonly totalMs: number;
  /** In the order in which they ran: the one that goes through, then the one that goes back. */
  readonly migrations: readonly MigrationFacts[];
  readonly traffic: TrafficReport;
  /** The traffic's phase in which nothing else ran; all others are compared with it. */
  readonly quietPhase: string;
  readonly restore: RestoreFacts;
}

export interface MigrationFacts {
  readonly migrationId: string;
  readonly title: string;
  readonly expected: MigrationResult;
  readonly result: MigrationResult;
  /** Why it did not go through. */
  readonly reason?: string;
  readonly phases: readonly { readonly name: string; readonly durationMs: number }[];
  readonly backfills: readonly BackfillFacts[];
  /** SHA-256 over the picture of the schema. */
  readonly fingerprintBefore: string;
  readonly fingerprintAfter: string;
}

export type MigrationResult = 'succeeded' | 'rolled-back' | 'failed';

export interface BackfillFacts {
  readonly stepId: string;
  readonly table: string;
  readonly rows: number;
  readonly durationMs: number;
}

/** A snapshot, and the cluster that was restored from it. */
export interface RestoreFacts {
  readonly snapshotId: string;
  readonly durationMs: number;
  /** Of the schema when the snapshot was taken. */
  readonly fingerprintExpected: string;
  readonly fingerprintRestored: string;
  /** Rows of the largest table, counted when the snapshot was taken. */
  readonly rowsExpected: number;
  readonly rowsRestored: number;
}
