import type { SqlName } from '../../sql/sql-name.ts';
import type { SqlText } from './sql-text.ts';

/** An operation as it is written in `operations`, and why it was chosen. */
export interface ConvertedOperation {
  /** One key: the name of the operation. */
  readonly operation: Readonly<Record<string, unknown>>;
  /** Lines for its author: what was decided, and what is theirs to decide. */
  readonly comments: readonly string[];
}

export type Conversion =
  | { readonly kind: 'converted'; readonly operations: readonly ConvertedOperation[] }
  | { readonly kind: 'refused'; readonly why: string; readonly fix: string | undefined }
  /** No operation says this; perhaps an `sql` operation may. */
  | { readonly kind: 'no-operation'; readonly why: string };

/** What a family of statements needs besides its parse tree. */
export interface ConvertContext {
  /** The statement's own text. */
  readonly sql: SqlText;
}

export function converted(
  name: string,
  body: Readonly<Record<string, unknown>>,
  ...comments: readonly string[]
): Conversion {
  return { kind: 'converted', operations: [operationOf(name, body, ...comments)] };
}

export function operationOf(
  name: string,
  body: Readonly<Record<string, unknown>>,
  ...comments: readonly string[]
): ConvertedOperation {
  return { operation: { [name]: withoutNothing(body) }, comments };
}

export function refused(why: string, fix?: string): Conversion {
  return { kind: 'refused', why, fix };
}

export function noOperation(why: string): Conversion {
  return { kind: 'no-operation', why };
}

/** What IF EXISTS skips cannot be planned, nor taken back. */
export function ifExists(): Conversion {
  return refused(
    'with IF EXISTS it depends on the target whether anything is done',
    'take IF EXISTS out',
  );
}

/** Keys without a value are left out. */
export function withoutNothing(
  body: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/** As operations name a relation: the stored name, quoted only where a dot or a quote is in it. */
export function relationText({ schema, name }: SqlName): string {
  const part = (text: string) => (/[."]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return schema === undefined ? part(name) : `${part(schema)}.${part(name)}`;
}
