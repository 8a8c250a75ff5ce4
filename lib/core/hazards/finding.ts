import type { Phase } from '../plan/plan.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import { blockedBy } from '../sql/lock-conflicts.ts';
import type { Statement } from '../sql/split.ts';

/** What a statement endangers, in words for its author. */
export interface Finding {
  /** Stable kebab-case name of the rule; users may silence it by this name. */
  readonly rule: string;
  /** `error` should stop the plan, `warning` should be read, `info` explains. */
  readonly severity: Severity;
  /** Why it is dangerous, lowercase, with the names involved. */
  readonly message: string;
  /** What ordinary traffic cannot do while the statement runs. */
  readonly blocks: ReturnType<typeof blockedBy>;
  /** What to write instead; SQL where it can be given. */
  readonly saferRewrite: string | undefined;
}

export type Severity = 'error' | 'warning' | 'info';

/** One statement, what is known of it, and where it stands. */
export interface Examined {
  readonly statement: Pick<Statement, 'node' | 'text'>;
  readonly classification: Classification;
  readonly phase: Phase;
  /** The context in which it was classified. */
  readonly target: ClassifyContext;
}

/** Looks for one family of hazards; silent rules return nothing. */
export type HazardRule = (examined: Examined) => readonly Finding[];

/** A finding about this statement; it blocks what the statement's strongest lock blocks. */
export function finding(
  { classification }: Examined,
  rule: string,
  severity: Severity,
  message: string,
  saferRewrite?: string,
): Finding {
  const { strongestLock } = classification;
  const blocks = strongestLock === undefined ? 'nothing' : blockedBy(strongestLock);
  return { rule, severity, message, blocks, saferRewrite };
}

/** Before the old application is gone, what it needs must stay; afterwards a removal is the plan. */
export function whileOldApplicationRuns(phase: Phase): boolean {
  return phase === 'expand' || phase === 'migrate';
}
