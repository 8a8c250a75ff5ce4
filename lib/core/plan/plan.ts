import type { Parity } from '../backfill/parity.ts';
import type { Finding } from '../hazards/finding.ts';
import type { Checksum, DurationMs, Fingerprint, MigrationId, PlanHash, StepId } from '../ids.ts';
import type {
  BackfillWork,
  DeclaredGates,
  DeclaredSnapshots,
  DeclaredWindows,
  Expectation,
  Pacing,
} from '../migration/migration.ts';
import type { LockMode } from '../sql/lock-mode.ts';
import type { CatalogProbe } from '../sql/probe.ts';
import type { PlanFormat } from './plan-format.ts';

/**
 * The concrete, ordered steps of one migration on one target. It is pure data: it is hashed,
 * stored before anything runs, shown, approved and then executed exactly as it is.
 */
export interface Plan {
  /** Grows when a handler of an older version could misread a newer plan. */
  readonly formatVersion: PlanFormat;
  readonly migrationId: MigrationId;
  readonly title: string;
  readonly checksum: Checksum;
  /** Major version of the target, such as 18. */
  readonly serverVersion: number;
  /** The picture of the schema this plan was compiled against. */
  readonly fingerprint: Fingerprint;
  readonly steps: readonly Step[];
  readonly gates: DeclaredGates;
  readonly snapshots: DeclaredSnapshots;
  readonly windows: DeclaredWindows;
}

export interface HashedPlan {
  readonly plan: Plan;
  readonly hash: PlanHash;
}

/** In the order in which they run. `migrate` holds the backfills, then the validation. */
export const PHASES = ['expand', 'migrate', 'contract', 'finalize'] as const;
export type Phase = (typeof PHASES)[number];

export type Step = StatementStep | BackfillStep | CheckStep;

export interface StatementStep {
  readonly kind: 'statement';
  readonly stepId: StepId;
  readonly phase: Phase;
  readonly action: Action;
  /** What the statement endangers on this target, at its size. */
  readonly findings: readonly PlannedFinding[];
  readonly undo: Undo;
  readonly wayBack: WayBack;
}

export interface PlannedFinding extends Finding {
  /** Why the author accepts it, where the file says so; kept with the plan for the audit. */
  readonly acceptedBecause: string | undefined;
}

export interface BackfillStep {
  readonly kind: 'backfill';
  readonly stepId: StepId;
  readonly phase: 'migrate';
  readonly table: TableName;
  /** The columns whose order is walked: the primary key, else a unique NOT NULL index. */
  readonly key: readonly KeyColumn[];
  readonly work: BackfillWork;
  readonly pacing: Pacing;
  /**
   * Whether it can be told of each row, at any time, if it is still to be done: then the table can be
   * gone through in any order, and more than once. Since format 4. @default false
   */
  readonly repeatable?: boolean;
  /** What has to be equal before contract; absent: nothing is compared. Since format 3. */
  readonly parity?: Parity;
  /** From pg_class.reltuples; -1 when the table was never analyzed. */
  readonly estimatedRows: number;
  readonly undo: Undo;
  readonly wayBack: WayBack;
}

export interface CheckStep {
  readonly kind: 'check';
  readonly stepId: StepId;
  /** `assertion` runs before anything is changed, the others in their phase. */
  readonly phase: 'assertion' | 'migrate';
  readonly query: string;
  readonly expect: Expectation;
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface KeyColumn {
  readonly name: string;
  /** As PostgreSQL prints it (format_type), used to cast the cursor back: `bigint`, `uuid`. */
  readonly type: string;
}

/** One SQL statement and how the runner must treat it. */
export interface Action {
  readonly sql: string;
  /** Further statements of the same transaction, in order. Since format 2. */
  readonly together?: readonly string[];
  /** Kebab-case, such as `create-index-concurrently`. */
  readonly statementKind: string;
  readonly policy: LockPolicy;
  readonly transactional: boolean;
  readonly locks: readonly PlannedLock[];
  /** Where only the catalog can tell whether it is done. */
  readonly probe: CatalogProbe | undefined;
}

export interface PlannedLock {
  readonly relation: string;
  readonly mode: LockMode;
}

/**
 * How the runner protects everybody else.
 *
 * - `none`: touches nothing that exists, or takes row locks only.
 * - `strong`: one statement a transaction, `SET LOCAL lock_timeout`, a bounded ladder of attempts.
 * - `online`: CONCURRENTLY and VALIDATE: weak locks held long; a short lock_timeout would kill them
 *   halfway, so there is none; the catalog says how it ended.
 */
export type LockPolicy =
  | { readonly kind: 'none'; readonly statementTimeoutMs: DurationMs }
  | {
      readonly kind: 'strong';
      /** The first rung; the ladder (lib/core/plan/lock-ladder.ts) climbs from here. */
      readonly lockTimeoutMs: DurationMs;
      readonly statementTimeoutMs: DurationMs;
    }
  | { readonly kind: 'online' };

export type Undo =
  | { readonly kind: 'statement'; readonly action: Action }
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'irreversible'; readonly why: string };

/** How to return from after this step, and what it would cost. */
export interface WayBack {
  readonly kind: 'logical' | 'structural' | 'operational';
  /** In plain words, for the operator. */
  readonly loses: string;
}
