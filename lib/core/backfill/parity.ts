/**
 * What has to be equal before the old structure may go: for each row, an expression over the old
 * structure and the new column or table that was filled from it.
 */
export interface Parity {
  readonly pairs: readonly ParityPair[];
  /** Further items of the FROM clause, such as `left join accounts as a on a.id = invoices.id`. */
  readonly join?: string | undefined;
  /** Rows to which it applies; undefined: all of them. */
  readonly where?: string | undefined;
  /** `stop`: differences end the migration, with their keys. `repair`: the rows are moved again. */
  readonly onMismatch: 'stop' | 'repair';
}

/** Two values of one row. */
export interface ParityPair {
  /** What it is called in messages. */
  readonly name: string;
  readonly sides: ParitySides;
  /**
   * Two versions of an application may both write: what the new one wrote need not be what the old
   * value gives, but then the old value is what the new one gives. One of the two has to hold.
   */
  readonly or?: ParitySides | undefined;
}

export interface ParitySides {
  /** SQL over the walked table. */
  readonly expected: string;
  /** SQL over the walked table; with `column`, that column. */
  readonly actual: string;
  /** Column of the walked table, as stored, whose type `expected` takes when it is written there. */
  readonly column?: string | undefined;
}

/** What an author says of parity; undefined members take their defaults. */
export type DeclaredParity =
  | { readonly kind: 'skipped'; readonly why: string }
  | {
      readonly kind: 'compared';
      /** Undefined: each column that the backfill sets, with its expression. */
      readonly pairs: readonly ParityPair[] | undefined;
      readonly join: string | undefined;
      readonly where: string | undefined;
      readonly onMismatch: Parity['onMismatch'];
      /**
       * Nobody wrote the pairs: an operation made them of `up` and `down`. Those that cannot be asked
       * a second time are left out. @default false
       */
      readonly derived?: boolean;
    };

/** How often rows are moved again before the differences count as not repairable. */
export const REPAIR_ATTEMPTS = 3;

/** As many keys are listed; a pass ends when it has them, because it cannot be clean any more. */
export const LISTED_KEYS = 20;

/**
 * The passes over a table: when its backfill is done, again and again while the gate of contract waits,
 * and when contract is about to begin.
 */
export type ParityPass = 'backfill' | 'gate' | 'contract';

/** For how long a pass that ended proves something, in milliseconds; then it begins anew. */
export const PROOF_MS: Readonly<Record<ParityPass, number>> = {
  // An hour: the passes of several backfills follow each other and must not make each other stale, and a
  // call that waits for a window or for the load of the target in between need not begin again.
  backfill: 3_600_000,
  contract: 3_600_000,
  // Less than the time between two of them: each looks at every row.
  gate: 600_000,
};
