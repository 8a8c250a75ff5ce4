import type { SignalFigures } from '../core/backfill/signal-figures.ts';
import type { Tuning } from '../core/backfill/tuning.ts';
import type { EnvironmentSettings } from '../core/config/environment-settings.ts';
import type { LockkeeperEvent, TrailKind } from '../core/executions/event.ts';
import type { Execution, ExecutionFlags, ExecutionRun } from '../core/executions/execution.ts';
import type { Gate, Signal, StopName } from '../core/gates/gate.ts';
import type { IdentityProof } from '../core/identity/proof.ts';
import type { Starter } from '../core/identity/starter.ts';
import type {
  Checksum,
  EpochMs,
  ExecutionId,
  FencingToken,
  Fingerprint,
  MigrationId,
  PlanHash,
} from '../core/ids.ts';
import type { HashedPlan } from '../core/plan/plan.ts';
import type { SnapshotMoment } from '../core/workflow/payload.ts';
import type { ClusterDescription } from './cluster-service.ts';

/**
 * What the operation knows, outside the database, so that it survives a restore that takes the
 * database back in time. Every write is one conditional write: two callers at once cannot both
 * win, and there is no transaction over several items (the emulators have none).
 */
export interface ControlStore {
  /** @throws LockkeeperError Conflict when the id exists */
  createExecution(execution: Execution, source: MigrationSource): Promise<void>;
  getExecution(executionId: ExecutionId): Promise<Execution | undefined>;
  /** Newest first; one that was created a moment ago may be missing. */
  listExecutions(filter: ExecutionFilter): Promise<readonly Execution[]>;
  /** @throws LockkeeperError UnknownExecution */
  changeExecution(executionId: ExecutionId, change: ExecutionChange): Promise<Execution>;
  /** Adding a run again, by its address, changes nothing. */
  addRun(executionId: ExecutionId, run: ExecutionRun): Promise<void>;
  getSource(executionId: ExecutionId): Promise<MigrationSource | undefined>;

  /** Keeps who started it, once; whoever starts executions has no access to where it is kept. */
  putStarter(executionId: ExecutionId, starter: Starter): Promise<void>;
  getStarter(executionId: ExecutionId): Promise<Starter | undefined>;

  /** Stores a plan once; a second plan for the same execution is refused with PlanChanged. */
  putPlan(executionId: ExecutionId, plan: HashedPlan): Promise<void>;
  getPlan(executionId: ExecutionId): Promise<HashedPlan | undefined>;

  /**
   * Takes the lease of a target, or says who has it. Taking one's own again is fine; each take gives
   * a larger token, also across releases.
   */
  acquireLease(target: string, executionId: ExecutionId, now: EpochMs): Promise<LeaseAnswer>;
  /**
   * A new, larger token for the holder; undefined when it is not the holder (any more).
   * @param above the token must be larger than this one too: the target may remember a counter that
   * this store never had (it was made anew, or the target was restored from elsewhere). @default 0
   */
  nextFencingToken(
    target: string,
    executionId: ExecutionId,
    above?: FencingToken,
  ): Promise<FencingToken | undefined>;
  getLease(target: string): Promise<Lease | undefined>;
  releaseLease(target: string, executionId: ExecutionId): Promise<void>;
  /** Takes the lease from a holder that ended; refused when it changed hands meanwhile. */
  takeOverLease(
    target: string,
    from: ExecutionId,
    to: ExecutionId,
    now: EpochMs,
  ): Promise<LeaseAnswer>;

  getFlags(executionId: ExecutionId): Promise<ExecutionFlags>;
  setPaused(executionId: ExecutionId, paused: boolean): Promise<void>;
  /** Replaces how the pace of its backfills was tuned; an empty one is as declared. */
  putTuning(executionId: ExecutionId, tuning: Tuning): Promise<void>;
  /** Rows that were set aside until then may be lost; a later one replaces it. */
  acceptQuarantine(
    executionId: ExecutionId,
    acceptance: { readonly by: string; readonly reason: string; readonly at: EpochMs },
  ): Promise<void>;
  /** The first request stays, until `clearAbort`. */
  requestAbort(
    executionId: ExecutionId,
    request: { readonly by: string; readonly reason: string; readonly at: EpochMs },
  ): Promise<void>;
  /** A resumed execution goes forward again. */
  clearAbort(executionId: ExecutionId): Promise<void>;

  getGate(executionId: ExecutionId, name: StopName): Promise<Gate | undefined>;
  listGates(executionId: ExecutionId): Promise<readonly Gate[]>;
  /** Writes a gate whose stored revision is `expectedRevision` (0: it must not exist). */
  putGate(gate: Gate, expectedRevision: number): Promise<'written' | 'conflict'>;
  /** The secret that wakes the waiting state; kept encrypted, replaced by each new wait. */
  putTaskToken(executionId: ExecutionId, name: StopName, taskToken: string): Promise<void>;
  getTaskToken(executionId: ExecutionId, name: StopName): Promise<string | undefined>;

  /** Keeps a signal; `duplicate` when its id is known, which does not prove that anybody acted on it. */
  putSignal(executionId: ExecutionId, signal: Signal): Promise<'kept' | 'duplicate'>;
  listSignals(executionId: ExecutionId): Promise<readonly Signal[]>;

  /** A record that says available never goes back to being made. */
  putSnapshotRecord(record: SnapshotRecord): Promise<void>;
  /** In the order they were requested. */
  listSnapshotRecords(executionId: ExecutionId): Promise<readonly SnapshotRecord[]>;

  /** Latest figures of the running phase, overwritten; for status and watch. */
  putProgress(executionId: ExecutionId, progress: readonly StepProgress[]): Promise<void>;
  getProgress(executionId: ExecutionId): Promise<readonly StepProgress[]>;

  /** Appends to the audit trail; never changed afterwards. */
  audit(event: LockkeeperEvent<TrailKind>): Promise<void>;
  /** Oldest first. */
  listAudit(executionId: ExecutionId): Promise<readonly LockkeeperEvent<TrailKind>[]>;
}

/** The migration's files as they were when the execution was started: what was approved is what runs. */
export interface MigrationSource {
  readonly migrationId: MigrationId;
  /** Path inside the migration's folder to content. */
  readonly files: Readonly<Record<string, string>>;
  /** Ids and checksums of all migrations of the project, for order and drift. */
  readonly known: readonly { readonly migrationId: MigrationId; readonly checksum: Checksum }[];
  /** The environment's overrides and policy as they were at start; plain JSON. */
  readonly environment: EnvironmentSettings;
  /** Who started it with them; good for a few minutes, in which `prepare` looks at it. */
  readonly proof?: IdentityProof | undefined;
}

export interface ExecutionFilter {
  readonly migrationId?: MigrationId;
  readonly target?: string;
  readonly limit: number;
}

export interface ExecutionChange {
  readonly target?: string;
  readonly status?: Execution['status'];
  readonly activity?: string;
  readonly planHash?: PlanHash;
  /** `null` takes it away: a finished execution is resumed. */
  readonly finishedAt?: EpochMs | null;
  /** `null` takes it away: what went wrong on the way did not decide the end. */
  readonly reason?: string | null;
}

export interface Lease {
  readonly target: string;
  readonly executionId: ExecutionId;
  readonly fence: FencingToken;
  readonly since: EpochMs;
}

export type LeaseAnswer =
  | { readonly kind: 'acquired'; readonly lease: Lease }
  | { readonly kind: 'held'; readonly by: Lease };

export interface SnapshotRecord {
  readonly executionId: ExecutionId;
  readonly moment: SnapshotMoment;
  readonly snapshotIdentifier: string;
  readonly requestedAt: EpochMs;
  /** Undefined while it is being made. */
  readonly availableAt: EpochMs | undefined;
  readonly cluster: ClusterDescription;
  /** What the database looked like; absent on a snapshot of before it was recorded. */
  readonly picture?: SnapshotPicture | undefined;
}

/** Taken right before the snapshot: what a restore of it is compared with. */
export interface SnapshotPicture {
  readonly fingerprint: Fingerprint;
  /** The largest tables. */
  readonly tables: readonly {
    readonly table: string;
    /** The planner's estimate; undefined when the table was never analyzed. */
    readonly estimatedRows: number | undefined;
  }[];
}

export interface StepProgress {
  readonly stepId: string;
  readonly kind: 'statement' | 'backfill' | 'check';
  readonly state: 'running' | 'done' | 'failed' | 'held' | 'undone';
  readonly startedAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Backfills only: rows passed by, an estimate while batches are strided. */
  readonly rowsDone?: number;
  /** Backfills only: rows changed, exact. */
  readonly rowsMoved?: number;
  readonly rowsTotal?: number;
  readonly rowsPerSecond?: number;
  /** Backfills only: time left. */
  readonly etaMs?: number;
  /** Backfills only: time left if the rate were one standard deviation higher; absent in older records. */
  readonly etaEarliestMs?: number;
  /** Backfills only: time left if the rate were one standard deviation lower; absent in older records. */
  readonly etaLatestMs?: number;
  /** Backfills only: what the throttle waits for, or who holds a row; absent while it goes on. */
  readonly heldBy?: string;
  /** Backfills only: what the target said about itself when it was last looked at. */
  readonly load?: readonly SignalFigures[];
  /** Backfills only: the last batches, oldest first. */
  readonly batches?: readonly BatchFigures[];
  /** Backfills only: how far old and new were compared. */
  readonly parity?: {
    readonly compared: number;
    readonly different: number;
    readonly repaired: number;
  };
  /** Backfills only: the hold that was told last, until it has gone on for a minute. */
  readonly hold?: BackfillHold;
  /** Why it goes as it goes: strategy, throttle, lock holder. */
  readonly note?: string;
}

/** A time in which nothing was moved, short breaks included. */
export interface BackfillHold {
  readonly since: EpochMs;
  /** When it went on; absent while it is held. */
  readonly wentOnAt?: EpochMs;
}

/** One batch that was moved. */
export interface BatchFigures {
  readonly rows: number;
  /** Time in the server. */
  readonly ms: number;
}
