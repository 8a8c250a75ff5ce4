import type { LockMode } from './lock-mode.ts';
import type { SqlName } from './sql-name.ts';

/** What one statement does to a database that is in use. */
export interface Classification {
  /** Kebab-case, such as `create-index-concurrently`; `unknown` when there is no rule for it. */
  readonly statementKind: string;
  /** For ALTER TABLE: what it is made of, such as `add-column`; otherwise empty. */
  readonly subcommands: readonly string[];
  readonly objects: readonly ObjectChange[];
  /** Locks on what exists; what the migration made itself is left out. */
  readonly locks: readonly Lock[];
  readonly strongestLock: LockMode | undefined;
  /** True when more relations may be locked than are listed: only the catalog could name them. */
  readonly mayLockMore: boolean;
  readonly rewrites: Certainty;
  /** Relations whose rows are written anew into a new file. */
  readonly rewritten: readonly Touched[];
  /** Relations that are read from end to end. */
  readonly scans: readonly Touched[];
  readonly lockPolicy: StatementLockPolicy;
  /** False: the server refuses it inside a transaction block. */
  readonly transactional: boolean;
  /** BEGIN, COMMIT, SAVEPOINT and the like. */
  readonly transactionControl: boolean;
  /** SET, RESET and DISCARD. */
  readonly sessionSetting: boolean;
  readonly destructive: readonly Destruction[];
  /** Grows with the size of the data: could pass the Data API's 45 seconds. */
  readonly mayRunLong: boolean;
  /** Why the version of the application before this statement would fail, where it would. */
  readonly breaksOldApplication: string | undefined;
  /** The oldest server that accepts it, where that is younger than 13. */
  readonly requiresVersion: number | undefined;
  /** False: hidden or unknown effects, treated as ACCESS EXCLUSIVE on everything. */
  readonly understood: boolean;
}

export type Certainty = 'no' | 'yes' | 'unknown';

/**
 * - `none`: touches nothing that exists, or takes row locks only.
 * - `strong`: a table lock for a moment: one statement a transaction, short lock_timeout, retries.
 *   SHARE and above, and also a brief SHARE UPDATE EXCLUSIVE (COMMENT, SET STATISTICS): it stops
 *   nobody but may itself wait behind a VACUUM or VALIDATE, for which the retries are right.
 * - `online`: CONCURRENTLY, VALIDATE, VACUUM, ANALYZE: weak locks held long; no short lock_timeout.
 */
export type StatementLockPolicy = 'none' | 'strong' | 'online';

export interface Lock {
  readonly relation: SqlName;
  readonly mode: LockMode;
  /** In plain words, such as `referenced by the new foreign key`. */
  readonly why: string;
}

export interface Touched {
  readonly relation: SqlName;
  readonly certainty: 'yes' | 'unknown';
  readonly why: string;
}

export type ObjectKind =
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'view'
  | 'materialized-view'
  | 'sequence'
  | 'schema'
  | 'type'
  | 'enum-value'
  | 'domain'
  | 'function'
  | 'procedure'
  | 'aggregate'
  | 'trigger'
  | 'rule'
  | 'policy'
  | 'publication'
  | 'subscription'
  | 'statistics'
  | 'extension'
  | 'role'
  | 'database'
  | 'tablespace'
  | 'other';

export interface ObjectChange {
  readonly change: 'create' | 'alter' | 'drop' | 'rename';
  readonly kind: ObjectKind;
  readonly schema: string | undefined;
  /** Undefined when the statement leaves the name to the server. */
  readonly name: string | undefined;
  /** The table of a column, constraint, index, trigger, rule or policy. */
  readonly table: SqlName | undefined;
  /** The types of a function's arguments, as they are written in SQL. */
  readonly signature: string | undefined;
  /** For a rename. */
  readonly newName: string | undefined;
}

/** Data or structure that is gone afterwards. */
export interface Destruction {
  readonly kind: 'drop' | 'truncate' | 'delete-all' | 'update-all' | 'narrow-type';
  /** What is lost, such as `column invoices.total`. */
  readonly what: string;
  readonly cascade: boolean;
}
