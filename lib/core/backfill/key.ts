import type { KeyColumn } from '../plan/plan.ts';
import { quoteIdentifier, quoteLiteral } from './sql-text.ts';

/**
 * A value of the walked key: one text per column, in the key's order, as PostgreSQL prints it.
 * Never null: only keys whose columns are all NOT NULL are walked.
 */
export type KeyValue = readonly string[];

/** How the rows of a window can be dealt out to strides. */
export type KeyKind =
  /** One column of an integer type: its low bits. */
  | 'integer'
  /** Anything with a hash function: the hash of the row of key columns. */
  | 'hashable'
  | 'unhashable';

const INTEGER_TYPES: readonly string[] = ['smallint', 'integer', 'bigint'];

/** @param hashable whether every column's type has a default hash operator class */
export function keyKindOf(columns: readonly KeyColumn[], hashable: boolean): KeyKind {
  if (isInteger(columns)) return 'integer';
  return hashable ? 'hashable' : 'unhashable';
}

/** Whether the key is one column of an integer type. */
export function isInteger(columns: readonly KeyColumn[]): boolean {
  const [only] = columns;
  return columns.length === 1 && only !== undefined && INTEGER_TYPES.includes(only.type);
}

/** Keys come from the same column through the same expression, so equal values have equal texts. */
export function sameKey(a: KeyValue, b: KeyValue): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** As PostgreSQL names a key in its own messages: `(tenant, id)=(7, 12)`. */
export function describeKey(columns: readonly KeyColumn[], key: KeyValue): string {
  return `(${columns.map((column) => column.name).join(', ')})=(${key.join(', ')})`;
}

/** `"alias"."column"` for each column of the key. */
export function columnReferences(columns: readonly KeyColumn[], alias: string): readonly string[] {
  return columns.map((column) => `${quoteIdentifier(alias)}.${quoteIdentifier(column.name)}`);
}

/** The literals that stand for a key in SQL, cast to the columns' types. */
export function keyLiterals(columns: readonly KeyColumn[], key: KeyValue): readonly string[] {
  return columns.map((column, index) => `${quoteLiteral(key[index] ?? '')}::${column.type}`);
}

/** Types whose text depends on the session's DateStyle; their JSON form is ISO 8601 always. */
const STYLED_TYPE = /^(?:date|timestamp\b.*)$/;

/**
 * Expressions that print a key so that it can be read back in any session. Text of a date in
 * DateStyle `SQL, DMY` would come back as another day in a session with `MDY`.
 */
export function keyTexts(columns: readonly KeyColumn[], alias: string): readonly string[] {
  const references = columnReferences(columns, alias);
  return columns.map((column, index) =>
    STYLED_TYPE.test(column.type)
      ? `(to_json(${references[index]}) #>> '{}')`
      : `${references[index]}::text`,
  );
}
