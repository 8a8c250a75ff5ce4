import type { DeclaredParity } from '../backfill/parity.ts';
import type { BackfillWork, Expectation } from '../migration/migration.ts';
import type { SchemaModel, TableModel } from './schema-model.ts';

/**
 * What an operation comes down to: steps of every phase, columns to keep in step meanwhile, and the
 * schema that the next operation of the migration meets.
 *
 * Names in SQL: `expand` and `validate` use physical names (physicalTable, ColumnModel.physicalName),
 * `contract` and `finalize` final ones (finalTable, name), because the contract steps of the
 * operations before it have run by then.
 */
export interface Lowered {
  readonly expand?: readonly StepDraft[];
  /** Columns that triggers keep in step until finalize; gathered into one trigger for each table. */
  readonly sync?: readonly SyncRule[];
  /** Rows to move besides those of `sync`, in batches. */
  readonly backfill?: readonly BackfillDraft[];
  /** After the backfill: constraints, and indexes on columns that were filled. */
  readonly validate?: readonly (StepDraft | CheckDraft)[];
  /** First move: cut off, undone in a second. The swaps of `sync` come before all of these. */
  readonly contract?: readonly StepDraft[];
  /** Second move: the real drops. */
  readonly finalize?: readonly StepDraft[];
  readonly after: SchemaModel;
}

/** One step: a statement, or several that commit together, with the way back. */
export interface StepDraft {
  readonly kind: 'statement';
  /** Ends the step's id, after the operation's own name: `not_null`; snake_case. */
  readonly id: string;
  readonly sql: string;
  /** Further statements of the same transaction, in order. */
  readonly together?: readonly string[];
  readonly undo: UndoDraft;
  /** Hazards of this statement that the operation's other steps make harmless, and why. */
  readonly allowed?: readonly { readonly rule: string; readonly reason: string }[];
}

export type UndoDraft =
  | { readonly kind: 'statement'; readonly sql: string; readonly together?: readonly string[] }
  | { readonly kind: 'nothing'; readonly why: string }
  /** Only in finalize. */
  | { readonly kind: 'irreversible'; readonly why: string };

export interface BackfillDraft {
  readonly id: string;
  /** The table that is walked, as SQL. */
  readonly table: string;
  readonly work: BackfillWork;
  readonly parity?: DeclaredParity;
}

export interface CheckDraft {
  readonly kind: 'check';
  readonly id: string;
  readonly query: string;
  readonly expect: Expectation;
}

/**
 * One column that the two versions of an application see differently.
 *
 * | rule | oldColumn | newColumn | shadow |
 * |---|---|---|---|
 * | change of type and so on | `rating` | `rating` | `rating_lk_new`, swapped in at contract |
 * | new name, both stay writable | `full_name` | `display_name` | `display_name` |
 * | added | - | `description` | `description` |
 * | dropped | `price` | - | - |
 * | renamed at contract, with the views of a versioned schema before | `name` | `title` | - |
 */
export interface SyncRule {
  readonly table: TableModel;
  /** As the old application calls it. */
  readonly oldColumn: string | undefined;
  /** As the new application calls it, and as it is called after finalize. */
  readonly newColumn: string | undefined;
  /** Where the new value is until contract. */
  readonly shadow: string | undefined;
  /** The new value, an SQL expression over the row as the old application sees it. */
  readonly up: string | undefined;
  /** The old value, an SQL expression over the row as the new application sees it. */
  readonly down: string | undefined;
  /** Whether existing rows get their value from `up` in the backfill. */
  readonly backfill: boolean;
  /**
   * What else happens in the transaction of the swap: `act` runs after the columns were renamed,
   * `undo` after they were renamed back.
   */
  readonly swap?: readonly { readonly act: string; readonly undo: string }[];
}
