import type { KeyColumn } from '../plan/plan.ts';
import { columnReferences, isInteger, type KeyValue, keyLiterals } from './key.ts';

/** Part of a window: the rows of it that are moved in one visit of its pages. */
export interface Stride {
  /** A power of two; 1 means every row. */
  readonly modulus: number;
  /** 0 to `modulus - 1`. */
  readonly index: number;
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
  return `(${strideExpression(columns, alias, stride)}) = ${stride.index}`;
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
  const step = BigInt(stride.modulus);
  if ((to - from) / step > BigInt(SPARSEST * Math.max(1, keys))) return undefined;
  const next = from + 1n;
  // The low bits of a negative number are those of its two's complement, in SQL as in a BigInt.
  const first = next + ((BigInt(stride.index) - next) & (step - 1n));
  // In the select list the numbers are handed on one by one; as a table of FROM they are written down
  // first, which takes three times as long.
  const numbers = `generate_series('${first}'::bigint, '${to}', ${step})::${column.type}`;
  return `(${rangePredicate(columns, alias, { ...range, stride: undefined })} and ${columnReferences(columns, alias)[0]} = any (array(select ${numbers})))`;
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
