import type { TableName } from '../plan/plan.ts';
import { type KeyValue, sameKey } from './key.ts';

/** The keys that one worker goes through: after `after` (or from the start), up to and with `through`. */
export interface Part {
  readonly after: KeyValue | undefined;
  readonly through: KeyValue;
  /** The partition that holds them, whole, and its rows. @default - they are of the table */
  readonly partition?: { readonly table: TableName; readonly estimatedRows: number };
}

/**
 * Below it a part is a few batches (50,000 rows/s of 100 ms are 5,000 rows), and another worker is
 * only another transaction that innocent ones may wait for.
 */
const ROWS_PER_WORKER = 10_000;

/** What decides how many workers a backfill gets. */
export interface CrewFacts {
  /** As planned, 1 or more. */
  readonly wanted: number;
  /** Whether the table has no key and is walked page by page. */
  readonly byPage: boolean;
  /** -1 when it is not known. */
  readonly estimatedRows: number;
}

export interface CrewSize {
  readonly workers: number;
  /** Why there are fewer than wanted; undefined: there are not. */
  readonly because: string | undefined;
}

/** How many workers go through a table. */
export function crewSize({ wanted, byPage, estimatedRows }: CrewFacts): CrewSize {
  if (wanted <= 1) return { workers: 1, because: undefined };
  if (byPage) return { workers: 1, because: 'the table has no key to be divided by' };
  if (estimatedRows < 0) return { workers: 1, because: 'how large the table is is not known' };
  const worthwhile = Math.max(1, Math.floor(estimatedRows / ROWS_PER_WORKER));
  if (worthwhile >= wanted) return { workers: wanted, because: undefined };
  return { workers: worthwhile, because: `about ${estimatedRows} rows need no more` };
}

/**
 * Parts that meet at the boundaries: whatever these are, each key up to the goal is in exactly one.
 * @param boundaries keys below the goal in the order of the key; repetitions make no part
 * @param goal the last key
 */
export function splitAt(boundaries: readonly KeyValue[], goal: KeyValue): readonly Part[] {
  const parts: Part[] = [];
  let after: KeyValue | undefined;
  for (const through of [...boundaries, goal]) {
    const isRepeated = after !== undefined && sameKey(after, through);
    if (isRepeated) continue;
    parts.push({ after, through });
    after = through;
  }
  return parts;
}

/** What of the whole an equal share is; the shares add up to it, and an unknown whole stays unknown. */
export function shareOf(total: number, index: number, count: number): number {
  if (total < 0) return total;
  return Math.floor((total * (index + 1)) / count) - Math.floor((total * index) / count);
}
