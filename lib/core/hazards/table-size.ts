import type { TakenAway } from '../activity/taken-away.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { SqlName } from '../sql/sql-name.ts';

/** What the live target knows besides its catalog; every answer may be missing. */
export interface TargetActivity {
  /** From pg_stat_user_tables: the rate of its counters since a sample some time ago. */
  traffic(table: SqlName): Traffic | undefined;
  /** Views and rules whose query uses the column (pg_depend). */
  viewsUsing(table: SqlName, column: string): readonly SqlName[];
  /** From pg_stat_statements: statements that certainly use it. @default not known */
  statementsUsing?(taken: TakenAway): readonly UsingStatement[];
  /** From pg_stat_user_indexes. @default not known */
  indexScans?(index: SqlName): UsedIndex | undefined;
}

export interface UsingStatement {
  /** Such as `users.email`. */
  readonly uses: string;
  readonly role: string;
  /** Without its constants. */
  readonly query: string;
}

export interface UsedIndex {
  readonly scans: number;
  readonly lastScan: string | undefined;
}

export interface Traffic {
  /** seq_scan + idx_scan, a second. */
  readonly readsPerSecond: number;
  /** n_tup_ins + n_tup_upd + n_tup_del, a second. */
  readonly writesPerSecond: number;
}

/**
 * Below it, work on every row is done in about 50 ms: 10,000 rows at the slowest rate of
 * estimate.ts under a table lock (200 rows/ms), less than one rung of the lock ladder waits.
 */
export const SMALL_TABLE_ROWS = 10_000;

/** With that many a second, even 50 ms make tens of statements wait. */
export const BUSY_PER_SECOND = 500;

/** Rows by pg_class.reltuples, of a partitioned table those of its partitions; undefined: not known. */
export function rowsOf({ catalog }: ClassifyContext, relation: SqlName): number | undefined {
  const facts = catalog?.relation(relation);
  if (facts === undefined) return undefined;
  if (facts.kind !== 'partitioned-table') return known(facts.estimatedRows);
  const parts = facts.children
    .map((child) => catalog?.relation(child))
    .filter((child) => child?.kind !== 'partitioned-table')
    .map((child) => known(child?.estimatedRows));
  return parts.reduce<number | undefined>(
    (sum, rows) => (sum === undefined || rows === undefined ? undefined : sum + rows),
    0,
  );
}

function known(estimate = -1): number | undefined {
  return estimate < 0 ? undefined : estimate;
}
