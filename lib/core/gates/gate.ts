import type { EpochMs, ExecutionId, PlanHash } from '../ids.ts';
import { type DeclaredGate, GATE_NAMES } from '../migration/migration.ts';

/** The stop of a restore before it takes over; no migration declares it. */
export const TAKEOVER_GATE = 'takeover';

/** Every stop that an execution can have, in order. */
export const STOPS = [...GATE_NAMES, TAKEOVER_GATE] as const;
export type StopName = (typeof STOPS)[number];

/** A named stop of one execution, once it was reached. */
export interface Gate {
  readonly executionId: ExecutionId;
  readonly name: StopName;
  readonly declared: Exclude<DeclaredGate, { kind: 'none' }>;
  /** What an approval binds to. */
  readonly planHash: PlanHash;
  readonly openedAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly approvals: readonly Approval[];
  readonly decision: Decision | undefined;
  /** Whether old and new are equal, before anybody lets the old structure go. */
  readonly comparison?: GateComparison | undefined;
  /** When it was reported that nobody came in time and the gate goes on waiting. */
  readonly overdueSince?: EpochMs | undefined;
  /** Grows with each change, so that two people deciding at once cannot both win. */
  readonly revision: number;
}

/** What the last comparison of old and new found before the gate of contract was decided. */
export interface GateComparison {
  readonly at: EpochMs;
  readonly found:
    | { readonly kind: 'equal'; readonly rows: number }
    /** Contract would be taken back, or move these rows again where the migration says so. */
    | { readonly kind: 'different'; readonly reason: string }
    /** Nothing is known of now; contract compares for itself. */
    | { readonly kind: 'not-compared'; readonly reason: string };
  /** Undefined: they were never seen to be equal. */
  readonly lastEqualAt: EpochMs | undefined;
  /** From the first row to the last, milliseconds; absent where that is not known. */
  readonly tookMs?: number | undefined;
}

export interface Approval {
  readonly by: string;
  readonly at: EpochMs;
  readonly reason: string | undefined;
}

export type Decision =
  | { readonly kind: 'approved'; readonly at: EpochMs; readonly by: string }
  | {
      readonly kind: 'rejected';
      readonly at: EpochMs;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly kind: 'expired'; readonly at: EpochMs };

/** What a pipeline told us: a deployment happened. Kept also when no gate waits for it yet. */
export interface Signal {
  /** Makes a repeated delivery harmless. */
  readonly signalId: string;
  /** The service that was deployed, as named in the gate's `signals`. */
  readonly name: string;
  /** What was deployed, for the audit trail. */
  readonly version: string | undefined;
  readonly by: string;
  readonly at: EpochMs;
}
