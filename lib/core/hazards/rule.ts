import { PHASES, type Phase } from '../plan/plan.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import type { Statement } from '../sql/split.ts';
import type { SqlName } from '../sql/sql-name.ts';
import type { SaferRewrite, Severity } from './finding.ts';
import type { NotNullProof } from './not-null-proofs.ts';
import type { TargetActivity } from './table-size.ts';
import type { Transaction, TransactionMode } from './transactions.ts';

/** Where a statement stands: a phase of a migration, or `plain`: an SQL file of another tool. */
export type HazardPhase = Phase | 'plain';
export const HAZARD_PHASES: readonly HazardPhase[] = [...PHASES, 'plain'];

/** One statement, what is known of it, and where it stands. */
export interface Examined {
  readonly statement: Pick<Statement, 'node' | 'text'>;
  readonly classification: Classification;
  readonly phase: HazardPhase;
  /** The context in which it was classified. */
  readonly target: ClassifyContext;
  /** What else the live target knows. @default nothing */
  readonly activity?: TargetActivity;
  /** Columns that earlier statements of the script proved to be not NULL. @default none */
  readonly proofs?: readonly NotNullProof[];
}

export type PhaseSeverity = Severity | 'silent';

/** What is the same for every finding of a rule; docs/hazards.md is made of it. */
export interface RuleFacts {
  /** Kebab-case; users write it in `-- lockkeeper:allow`. */
  readonly id: string;
  readonly severity: Readonly<Record<HazardPhase, PhaseSeverity>>;
  /** Why it is dangerous: one sentence, no final period. */
  readonly why: string;
  /** The safe way, in words. */
  readonly safer: string;
  /** Tools that know it, documentation, or `measured` (test/data/lock-facts.json). */
  readonly source: string;
}

/** Work that grows with the table: what takes the time while the lock is held. */
export type Work = 'scan' | 'rewrite' | 'index' | 'lookup' | 'rows';

/** One place where a rule fires. */
export interface Match {
  readonly message: string;
  readonly relation?: SqlName | undefined;
  /** What is done to each row of `relation`; its size then decides how bad it is. @default nothing */
  readonly work?: Work | undefined;
  /** Instead of the rule's own severity, except where the phase is silent. */
  readonly severity?: Severity | undefined;
  /** @default the rule's own words */
  readonly saferRewrite?: SaferRewrite | undefined;
}

/** Looks at one statement. */
export interface StatementRule extends RuleFacts {
  readonly find: (examined: Examined) => readonly Match[];
}

/** All statements of a file or a migration, in order, and the transactions they run in. */
export interface Script {
  readonly statements: readonly Examined[];
  readonly transactions: readonly Transaction[];
  readonly mode: TransactionMode;
}

export interface PlacedMatch extends Match {
  /** 0-based position of the statement that the match is about. */
  readonly at: number;
}

/** Looks at several statements together. */
export interface ScriptRule extends RuleFacts {
  readonly findInScript: (script: Script) => readonly PlacedMatch[];
}

/** The same severity everywhere. */
export function always(severity: Severity): RuleFacts['severity'] {
  return inPhases(severity, {});
}

/** One severity, and others for some phases. */
export function inPhases(
  others: PhaseSeverity,
  special: Readonly<Partial<Record<HazardPhase, PhaseSeverity>>>,
): RuleFacts['severity'] {
  const every = { expand: others, migrate: others, contract: others, finalize: others };
  return { ...every, plain: others, ...special };
}

/** Only in files of other tools: our own runner takes care of it. */
export function inPlainFiles(severity: Severity): RuleFacts['severity'] {
  return inPhases('silent', { plain: severity });
}

/**
 * For what the old application still needs: an error while it runs, the plan itself afterwards.
 * Contract keeps a way back, so that losing data there is worth a warning.
 */
export function whileOldApplicationRuns(contract: PhaseSeverity): RuleFacts['severity'] {
  return inPhases('error', { contract, finalize: 'silent' });
}

export function sql(...statements: readonly string[]): SaferRewrite {
  return { kind: 'sql', statements };
}

export function steps(...words: readonly string[]): SaferRewrite {
  return { kind: 'steps', steps: words };
}
