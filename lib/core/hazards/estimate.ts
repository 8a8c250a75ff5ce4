import type { Work } from './rule.ts';

/** How long a statement keeps its locks, once it has them. */
export type Estimate =
  /** The catalog alone is changed: milliseconds. */
  | { readonly kind: 'moment'; readonly basis: string }
  | {
      readonly kind: 'range';
      readonly fromMs: number;
      readonly toMs: number;
      readonly basis: string;
    }
  /** It grows with a table whose size is not known. */
  | { readonly kind: 'unknown'; readonly basis: string };

/**
 * Rows a millisecond, measured on PostgreSQL 18.4 on two cores of a shared machine, 2 million rows
 * of 117 bytes in the buffer cache: CHECK 3,336; int to bigint with one index 228; B-tree on bigint
 * or text 646 to 691; foreign key to 10,000 rows 1,528; UPDATE of all rows with three indexes 33.
 */
const ROWS_PER_MS: Readonly<Record<Work, number>> = {
  scan: 3000,
  rewrite: 200,
  index: 600,
  lookup: 1500,
  rows: 30,
};

/** Wider rows, more indexes and pages that come from storage: four times slower at the other end. */
const SLOWER = 4;

const DONE: Readonly<Record<Work, string>> = {
  scan: 'read',
  rewrite: 'written anew',
  index: 'sorted into an index',
  lookup: 'looked up',
  rows: 'updated',
};

/**
 * @param rows by pg_class.reltuples; undefined: not known
 * @param table as it is called in the basis
 */
export function estimate(
  work: Work | undefined,
  rows: number | undefined,
  table: string,
): Estimate {
  if (work === undefined) {
    const basis =
      'only the catalog is changed; waiting for the lock takes as long as the longest transaction on the table';
    return { kind: 'moment', basis };
  }
  const rate = ROWS_PER_MS[work];
  if (rows === undefined) {
    const basis = `the size of ${table} is not known; about ${rate / SLOWER} to ${rate} rows are ${DONE[work]} in a millisecond`;
    return { kind: 'unknown', basis };
  }
  return {
    kind: 'range',
    fromMs: Math.ceil(rows / rate),
    toMs: Math.ceil((rows * SLOWER) / rate),
    basis: `about ${rows} rows of ${table}, of which ${rate / SLOWER} to ${rate} are ${DONE[work]} in a millisecond`,
  };
}
