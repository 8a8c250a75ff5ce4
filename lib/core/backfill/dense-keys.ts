import type { KeyColumn } from '../plan/plan.ts';
import { asSearched, type Batch, type BatchWish, boundarySearch, cutBatch } from './batch.ts';
import { isInteger, type KeyValue, sameKey } from './key.ts';
import { afterPart, rowsAt, strideAt, type Walking } from './position.ts';
import type { KeyRange } from './range.ts';
import { blockOf, shareOf } from './shares.ts';

/**
 * With fewer holes than this a batch that is cut by numbers is about as long as it should be. A table
 * that lost a tenth of its rows, or a sequence that skips some, stays above it.
 */
const DENSE = 0.8;
/** A stride this much larger than wished is not cut up: a batch is steered to half of what it may take. */
const TOLERATED = 1.4;

/**
 * How many of the numbers of a range an integer key takes, where it takes most of them, so that the
 * keys after it most likely do.
 *
 * @param rows how many rows the range, or its stride, turned out to hold at least
 * @returns 0.8 to 1; undefined: fewer, or another kind of key
 */
export function densityOf(
  columns: readonly KeyColumn[],
  { after, through, stride }: KeyRange,
  rows: number,
): number | undefined {
  if (!isInteger(columns) || after === undefined) return undefined;
  const share = stride === undefined ? 1 : shareOf(stride);
  const density = rows / (numbersBetween(after, through) * share);
  return density >= DENSE ? Math.min(1, density) : undefined;
}

/**
 * The next batch of a dense integer key, without a look at the table: of n numbers no more than n
 * are keys, so it does not hold more than was wished. Its end need not be a key.
 *
 * @param density of the keys before it
 * @returns undefined where only a look at the table tells where it ends: at its first key, where a
 * failing row is closed in on by counts, and within a stride by hash
 */
export function cutByNumbers(
  at: Walking,
  wish: BatchWish,
  goal: KeyValue,
  density: number,
): Batch | undefined {
  if (wish.strict) return undefined;
  if (at.kind === 'inside') return cutStride(at, wish, goal);
  const search = boundarySearch(at, wish, goal);
  if (search?.after === undefined) return undefined;
  const keys = inBlocks(search.keys, at.kind === 'between' ? wish : at.window);
  const expected = asSearched(at, wish, { keys: Math.max(1, Math.round(keys * density)) });
  const end = numberOf(search.after) + BigInt(keys);
  const found = end < numberOf(search.through) ? [String(end)] : undefined;
  return cutBatch(at, expected, goal, found);
}

/** Whole blocks, of which each stride has exactly its share, unless it is less than one. */
function inBlocks(numbers: number, cut: Parameters<typeof blockOf>[0]): number {
  const block = blockOf(cut);
  return numbers < block ? numbers : numbers - (numbers % block);
}

/** What is left of a stride is cut into equal parts, none of which is much larger than wished. */
function cutStride(
  at: Extract<Walking, { readonly kind: 'inside' }>,
  wish: BatchWish,
  goal: KeyValue,
): Batch | undefined {
  const { window, index, within } = at;
  const after = within ?? window.after;
  if (window.by === 'hash' || window.after === undefined || after === undefined) return undefined;
  const left = numbersBetween(after, window.through);
  const all = numbersBetween(window.after, window.through);
  // Divided last: 94 * (12 / 94) is less than 12 in binary fractions.
  const rowsOf = (numbers: number): number => (numbers * rowsAt(window, index)) / all;
  const parts = Math.max(1, Math.ceil(rowsOf(left) / (wish.rows * TOLERATED)));
  const block = blockOf(window);
  const span = parts === 1 ? left : Math.min(left, Math.ceil(left / parts / block) * block);
  const through = span === left ? window.through : [String(numberOf(after) + BigInt(span))];
  const remainder = window.uneven === true || sameKey(window.through, goal);
  // The most that a remainder can hold: of 57 numbers a stride of 16 has 3 or 4. In a full window each
  // part begins behind a whole block or one of its keys, and has the whole blocks that follow.
  const keys = remainder ? Math.ceil(rowsOf(span)) : Math.floor(rowsOf(span));
  return {
    range: { after, through, stride: strideAt(window, index) },
    keys: keys + (window.uneven === true ? 1 : 0),
    remainder,
    next: afterPart(at, through, goal),
  };
}

function numbersBetween(after: KeyValue, through: KeyValue): number {
  return Number(numberOf(through) - numberOf(after));
}

function numberOf([text = '']: KeyValue): bigint {
  return BigInt(text);
}
