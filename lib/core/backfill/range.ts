import type { KeyColumn } from '../plan/plan.ts';
import { columnReferences, isInteger, type KeyValue, keyLiterals } from './key.ts';
import { blockOf, placesOf, shareOf } from './shares.ts';

/** Part of a window: the rows of it that are moved in one visit of its pages. */
export interface Stride {
  /** How many strides there are, a power of two unless they have `shares`; 1 means every row. */
  readonly modulus: number;
  /** 0 to `modulus - 1`. */
  readonly index: number;
  /**
   * How many of as many neighbouring numbers as they add up to belong to each stride, one after the
   * other. Only for an integer key, by value. @default - each has as many
   */
  readonly shares?: readonly number[];
  /**
   * `value`: the low bits of an integer key, which gives each page the same share per visit.
   * `hash`: for other keys, and for integers whose low bits repeat (sequences that count by 8).
   */
  readonly by: 'value' | 'hash';
}

/** The keys of one batch: after `after` (or from the start), up to and with `through`. */
export interface KeyRange {
  readonly after: KeyValue | undefined;
  readonly through: KeyValue;
  /** Undefined: all rows between the two. */
  readonly stride: Stride | undefined;
}

/**
 * The range as a condition on `alias`, with literals: PostgreSQL always finds it through the key's
 * index, whereas a join with a list of keys can end in a hash of the whole table.
 *
 * @param dealt the columns that deal the rows out to strides, where they are not those of the range
 */
export function rangePredicate(
  columns: readonly KeyColumn[],
  alias: string,
  range: KeyRange,
  dealt: readonly KeyColumn[] = columns,
): string {
  const conditions = [
    ...(range.after === undefined ? [] : [comparison(columns, alias, '>', range.after)]),
    comparison(columns, alias, '<=', range.through),
    ...(range.stride === undefined ? [] : [stridePredicate(dealt, alias, range.stride)]),
  ];
  return `(${conditions.join(' and ')})`;
}

/** The row with this key. */
export function keyPredicate(columns: readonly KeyColumn[], alias: string, key: KeyValue): string {
  const literals = keyLiterals(columns, key);
  const equal = columnReferences(columns, alias).map(
    (column, index) => `${column} = ${literals[index]}`,
  );
  return `(${equal.join(' and ')})`;
}

/** `"t"."id" > '7'::bigint`, or a row comparison, which PostgreSQL reads as one index range. */
export function comparison(
  columns: readonly KeyColumn[],
  alias: string,
  operator: '>' | '<=',
  key: KeyValue,
): string {
  const left = columnReferences(columns, alias);
  const right = keyLiterals(columns, key);
  if (columns.length === 1) return `${left[0]} ${operator} ${right[0]}`;
  return `(${left.join(', ')}) ${operator} (${right.join(', ')})`;
}

/**
 * Every row belongs to exactly one index. Bits instead of a remainder: `-3 % 8` is -3 in SQL and
 * would belong to none, `-3 & 7` is 5.
 */
export function stridePredicate(
  columns: readonly KeyColumn[],
  alias: string,
  stride: Stride,
): string {
  const { shares, index } = stride;
  if (shares === undefined) return `(${strideExpression(columns, alias, stride)}) = ${index}`;
  const block = blockOf(stride);
  const { first, last } = placesOf(shares, index);
  const place = `(${columnReferences(columns, alias)[0]} % ${block} + ${block}) % ${block}`;
  return `(${place}) between ${first} and ${last}`;
}

/** Fewer than this many keys to look for a row that is there, or the list is longer than the walk. */
const SPARSEST = 4;

/**
 * The keys that a stride of an integer key can hold, as a list: `"t"."id" = any (array(...))`. From
 * PostgreSQL 17 on such a list is gone through in one scan of the index, which fetches the rows of
 * this stride alone, where a condition on the low bits fetches those of all strides and looks at
 * each. Measured in windows of 128,000 keys, 8 strides: 9 ms a stride instead of 15 to 18, and 1.14
 * times the rate of the whole backfill.
 *
 * @param keys how many rows the stride is expected to hold
 * @returns undefined where the stride has no list: no beginning, another key, or far more numbers
 * than keys
 */
export function listedPredicate(
  columns: readonly KeyColumn[],
  alias: string,
  range: KeyRange,
  keys: number,
): string | undefined {
  const { after, through, stride } = range;
  const [column] = columns;
  if (stride?.by !== 'value' || after === undefined || column === undefined) return undefined;
  if (!isInteger(columns)) return undefined;
  const [from, to] = [BigInt(after[0] ?? ''), BigInt(through[0] ?? '')];
  if (Number(to - from) * shareOf(stride) > SPARSEST * Math.max(1, keys)) return undefined;
  const numbers = numbersOf(stride, from + 1n, to);
  if (numbers === undefined) return undefined;
  const whole = rangePredicate(columns, alias, { ...range, stride: undefined });
  const list = `array(select ${numbers.each}::${column.type}${numbers.of})`;
  return `(${whole} and ${columnReferences(columns, alias)[0]} = any (${list}))`;
}

/** Of a bigint. */
const [SMALLEST, LARGEST] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * The numbers of a stride from the first to the last of a range, in ascending order. They are made in
 * the select list, which hands them on one by one; a table of FROM is written down first, which takes
 * three times as long.
 *
 * @returns undefined where a block reaches beyond what a bigint holds
 */
function numbersOf(
  stride: Stride,
  first: bigint,
  last: bigint,
): { readonly each: string; readonly of: string } | undefined {
  const { index, shares } = stride;
  const block = BigInt(blockOf(stride));
  // The remainder of a negative number is negative, in a BigInt as in SQL.
  const place = ((first % block) + block) % block;
  if (shares === undefined) {
    const start = first + ((BigInt(index) - place + block) % block);
    return { each: `generate_series('${start}'::bigint, '${last}', ${block})`, of: '' };
  }
  const base = first - place;
  if (base < SMALLEST || last > LARGEST - block) return undefined;
  const places = placesOf(shares, index);
  return {
    each: `generate_series(greatest(base + ${places.first}, '${first}'), least(base + ${places.last}, '${last}'))`,
    of: ` from generate_series('${base}'::bigint, '${last}', ${block}) as base`,
  };
}

/** The number of the stride that a row belongs to. */
export function strideExpression(
  columns: readonly KeyColumn[],
  alias: string,
  stride: Pick<Stride, 'modulus' | 'by'>,
): string {
  const references = columnReferences(columns, alias);
  const mask = stride.modulus - 1;
  if (stride.by === 'value') return `${references[0]} & ${mask}`;
  if (isInteger(columns)) return `hashint8extended(${references[0]}, 0) & ${mask}`;
  // The record's hash uses each type's own hash function: the same in every session and for every
  // text form of the value (1.0 and 1.00, or a time in another zone).
  return `hash_record_extended(row(${references.join(', ')}), 0) & ${mask}`;
}
