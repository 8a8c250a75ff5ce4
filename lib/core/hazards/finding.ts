import type { Classification } from '../sql/classification.ts';
import type { blockedBy } from '../sql/lock-conflicts.ts';
import type { SqlName } from '../sql/sql-name.ts';
import type { Estimate } from './estimate.ts';

export type Severity = 'error' | 'warning' | 'info';

/** What a statement endangers, in words for its author. */
export interface Finding {
  /** Id of the rule: stable, kebab-case, never used again for another rule. */
  readonly rule: string;
  /** `error` should stop the plan, `warning` should be read, `info` explains. */
  readonly severity: Severity;
  /** What this statement does, lowercase, with the names involved. */
  readonly message: string;
  /** Why that is dangerous: the rule's own words. */
  readonly why: string;
  /** The relation that the finding is about, where it is about one. */
  readonly relation: SqlName | undefined;
  /** What ordinary traffic cannot do while the statement runs, and on which relations. */
  readonly blocks: Blocked;
  /** For how long, at the size that the catalog knows. */
  readonly duration: Estimate;
  /** What to do instead. */
  readonly saferRewrite: SaferRewrite;
  /** Where the rule is explained, relative to the repository's root. */
  readonly link: string;
  /**
   * Over before anybody notices, at the size that the catalog knows: not worth saying. It is known
   * nevertheless, so that an allowance written for larger tables does not count as unused.
   */
  readonly negligible?: true;
}

export interface Blocked {
  readonly what: ReturnType<typeof blockedBy>;
  /** Empty when nothing is blocked, or when nobody can tell what is. */
  readonly relations: readonly SqlName[];
}

export type SaferRewrite =
  /** Statements that can be pasted, each to be run in a transaction of its own. */
  | { readonly kind: 'sql'; readonly statements: readonly string[] }
  /** Where SQL would have to guess: what to do, in order. */
  | { readonly kind: 'steps'; readonly steps: readonly string[] };

/** A finding with the statement it belongs to. */
export interface PlacedFinding extends Finding {
  /** 0-based position in the script. */
  readonly statementIndex: number;
}

/** What the statement's locks keep others from doing. */
export function blockedByLocks(
  { locks, strongestLock }: Classification,
  what: Blocked['what'],
): Blocked {
  if (what === 'nothing' || strongestLock === undefined) return { what, relations: [] };
  const relations = locks.filter(({ mode }) => mode === strongestLock).map((lock) => lock.relation);
  const key = ({ schema, name }: SqlName) => JSON.stringify([schema, name]);
  return { what, relations: [...new Map(relations.map((each) => [key(each), each])).values()] };
}
