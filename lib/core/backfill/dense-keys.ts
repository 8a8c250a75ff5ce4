import type { KeyColumn } from '../plan/plan.ts';
import { type Batch, type BatchWish, boundarySearch, cutBatch } from './batch.ts';
import { isInteger, type KeyValue } from './key.ts';
import type { Walking } from './position.ts';
import type { KeyRange } from './range.ts';

/**
 * With fewer holes than this a batch that is cut by numbers is about as long as it should be. A table
 * that lost a tenth of its rows, or a sequence that skips some, stays above it.
 */
const DENSE = 0.8;

/**
 * Whether an integer key takes most numbers of a range, so that the keys after it most likely do.
 *
 * @param rows how many rows the range, or its stride, turned out to hold
 */
export function isDense(
  columns: readonly KeyColumn[],
  { after, through, stride }: KeyRange,
  rows: number,
): boolean {
  if (!isInteger(columns) || after === undefined) return false;
  const numbers = Number(numberOf(through) - numberOf(after)) / (stride?.modulus ?? 1);
  return rows >= DENSE * numbers;
}

/**
 * The next batch of a dense integer key, without a look at the table: of n numbers no more than n
 * are keys, so it never holds more than was wished. Its end need not be a key.
 *
 * @returns undefined where only a look at the table tells where it ends: at its first key, where a
 * failing row is closed in on by counts, and within a stride by hash
 */
export function cutByNumbers(at: Walking, wish: BatchWish, goal: KeyValue): Batch | undefined {
  const search = boundarySearch(at, wish, goal);
  if (wish.strict || search?.after === undefined || search.stride?.by === 'hash') return undefined;
  const { after, through, stride, keys } = search;
  const end = numberOf(after) + BigInt(keys) * BigInt(stride?.modulus ?? 1);
  const found = end < numberOf(through) ? [String(end)] : undefined;
  return { ...cutBatch(at, wish, goal, found), remainder: true };
}

function numberOf([text = '']: KeyValue): bigint {
  return BigInt(text);
}
