import type { DeclaredParity } from '../backfill/parity.ts';
import type { Checksum, DurationMs, MigrationId, StepId } from '../ids.ts';
import type { OldApplication } from './old-application.ts';

/**
 * A migration as its author declared it, after parsing: every reference to a file is replaced by
 * the file's text, every duration is in milliseconds, every default is filled in.
 * It says what should happen; the plan (lib/core/plan) says which statements do it on one target.
 */
export interface Migration {
  readonly migrationId: MigrationId;
  readonly title: string;
  readonly description: string;
  readonly checksum: Checksum;
  /** Questions the target must answer as expected before anything is changed. */
  readonly assertions: readonly DeclaredCheck[];
  /** Declarative; a target's schema makes steps of the phases below of them. */
  readonly operations: readonly DeclaredOperation[];
  /** Whether the operations make a schema of views for the new version of an application. */
  readonly versionedSchema: boolean;
  readonly expand: readonly DeclaredStatement[];
  readonly backfill: readonly DeclaredBackfill[];
  /** The pace of the backfills that operations make. @default - that of a backfill without one */
  readonly pacing?: Pacing;
  /** Proof that the data is right, and the constraints that hold from then on. */
  readonly validate: readonly (DeclaredStatement | DeclaredCheck)[];
  /** Contract, first move: cut off the old structure in a way that can be undone in a second. */
  readonly contract: readonly DeclaredStatement[];
  /** Contract, second move, after the soak gate: the real drops. Beyond structural rollback. */
  readonly finalize: readonly DeclaredStatement[];
  readonly gates: DeclaredGates;
  readonly snapshots: DeclaredSnapshots;
  readonly windows: DeclaredWindows;
}

/** Where a text came from, for messages that name file, line and column (both 1-based). */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface DeclaredOperation {
  /** Such as `add_column`. */
  readonly name: string;
  /** As its format reads it; which one that is, the name tells. */
  readonly declared: unknown;
  readonly location: SourceLocation;
  /** Where a key inside the operation was written. */
  locationOf(path: readonly (string | number)[]): SourceLocation;
}

export interface DeclaredStatement {
  readonly kind: 'statement';
  readonly stepId: StepId;
  /** Exactly one SQL statement; a step with several was split into `<id>_1`, `<id>_2`, ... */
  readonly sql: string;
  /** Further statements that commit together with it, in order; only operations make them. */
  readonly together?: readonly string[];
  /** Hazards that the author accepted with `-- lockkeeper:allow`; absent when there are none. */
  readonly allowed?: readonly AllowedHazard[];
  readonly undo: DeclaredUndo;
  readonly location: SourceLocation;
}

export interface AllowedHazard {
  /** Id of a rule, as it was written. */
  readonly rule: string;
  readonly reason: string;
}

export type DeclaredUndo =
  | {
      readonly kind: 'statement';
      readonly sql: string;
      /** As of a statement. */
      readonly together?: readonly string[];
    }
  /** Nothing to undo, and why that is safe; made by the parser, never written by an author. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** Only in finalize. */
  | { readonly kind: 'irreversible'; readonly why: string };

export interface DeclaredCheck {
  readonly kind: 'check';
  readonly stepId: StepId;
  /** One read-only query. */
  readonly query: string;
  readonly expect: Expectation;
  readonly location: SourceLocation;
}

export type Expectation =
  /** The query returns one row with one column, equal to this value as text. */
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'no-rows' };

export interface DeclaredBackfill {
  readonly kind: 'backfill';
  readonly stepId: StepId;
  /** The table whose key is walked, as written: `invoices` or `public.invoices`. */
  readonly table: string;
  readonly work: BackfillWork;
  readonly pacing: Pacing;
  /** How the old structure is compared with the new one. @default - see `parityOf` */
  readonly parity?: DeclaredParity | undefined;
  readonly undo: DeclaredUndo;
  readonly location: SourceLocation;
}

export type BackfillWork =
  | {
      /** `update <table> set <column> = <expression> where <range> and (<where>)` */
      readonly kind: 'update';
      readonly set: Readonly<Record<string, string>>;
      /** Rows that still need the work; a repeated batch is harmless because of it. */
      readonly where: string | undefined;
    }
  | {
      /** Any INSERT, UPDATE or DELETE with `:range` where the key range of `alias` belongs. */
      readonly kind: 'sql';
      readonly sql: string;
      /** The alias of the walked table inside `sql`; defaults to the table's name. */
      readonly alias: string;
    };

export interface Pacing {
  /** What one batch should take; the longest wait of an innocent transaction is about this long. */
  readonly targetBatchMs: DurationMs;
  readonly minRows: number;
  readonly maxRows: number;
  /** What one batch may write at most, in bytes, by the average row. @default MAX_BYTES */
  readonly maxBytes?: number;
  /** Idle time between two batches. */
  readonly pauseMs: DurationMs;
  /** Rows that may be set aside in quarantine before the backfill fails, by all workers together. */
  readonly quarantineLimit: number;
  /** Ranges of the key that are gone through at once, 2 to 8. Since format 4. @default 1 */
  readonly workers?: number;
  /** Hours in which a batch may take longer. Since format 3. @default - none */
  readonly quiet?: { readonly targetBatchMs: DurationMs; readonly hours: readonly Window[] };
}

/** The named stops of the workflow, in order. */
export const GATE_NAMES = ['review', 'deploy', 'contract', 'soak'] as const;
export type GateName = (typeof GATE_NAMES)[number];

export type DeclaredGate =
  | {
      /** Opens when every named service has signalled a deployment. */
      readonly kind: 'signal';
      readonly signals: readonly string[];
      readonly timeoutMs: DurationMs;
      readonly onTimeout: 'hold' | 'rollback';
      readonly oldApplication?: OldApplication;
    }
  | {
      /** Opens when enough people, other than who started, have approved. */
      readonly kind: 'approval';
      readonly approvals: number;
      readonly timeoutMs: DurationMs;
      readonly onTimeout: 'hold' | 'rollback';
      /** Must have disconnected before the work behind the gate begins. */
      readonly oldApplication?: OldApplication;
    }
  /** Opens by itself after a while, unless somebody rejects or aborts meanwhile. */
  | {
      readonly kind: 'timer';
      readonly durationMs: DurationMs;
      readonly oldApplication?: OldApplication;
    }
  | { readonly kind: 'none' };

export type DeclaredGates = Readonly<Record<GateName, DeclaredGate>>;

/** Which snapshots are taken; `none` needs the environment's consent. */
export interface DeclaredSnapshots {
  readonly beforeExpand: 'required' | 'none';
  readonly beforeContract: 'required' | 'none';
  /** Where the author wrote it; absent when both are the default. */
  readonly location?: SourceLocation;
}

/** Low-traffic hours, such as 22:00 to 05:30 in Europe/Berlin on some weekdays. */
export interface Window {
  /** Minutes after midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Minutes after midnight, 0 to 1439; smaller than `fromMinute` means past midnight. */
  readonly toMinute: number;
  /** ISO weekdays on which the window opens, 1 (Monday) to 7. */
  readonly days: readonly number[];
  /** IANA name. */
  readonly timeZone: string;
}

/** Phases that wait for a window; a phase without windows runs at any time. */
export type WindowedPhase = 'expand' | 'backfill' | 'validate' | 'contract' | 'finalize';
export type DeclaredWindows = Readonly<Partial<Record<WindowedPhase, readonly Window[]>>>;

/** Whether a migration takes something away: then contract has its gate and its snapshot. */
export function removes({
  operations,
  contract,
  finalize,
}: Pick<Migration, 'operations' | 'contract' | 'finalize'>): boolean {
  return operations.length + contract.length + finalize.length > 0;
}
