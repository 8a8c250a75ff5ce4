import { bindNamed } from '../../postgres/named-parameters.ts';
import { badRequest, validation } from './errors.ts';
import type { SqlParameter } from './requests.ts';

/** A statement ready for PostgreSQL's extended protocol: every parameter has a declared type. */
export interface TypedStatement {
  readonly text: string;
  /** Type of each `$n`; 0 lets the server infer it. */
  readonly types: readonly number[];
  readonly values: readonly (string | Buffer | null)[];
}

interface TypedValue {
  readonly type: number;
  readonly value: string | Buffer | null;
}

const OID = { unspecified: 0, bool: 16, bytea: 17, int8: 20, text: 25, float8: 701 } as const;

type TypeHint = NonNullable<SqlParameter['typeHint']>;

/** Type and accepted text of each hint, as the API reference lists them. */
const HINTS: Readonly<Record<TypeHint, { readonly type: number; readonly format: RegExp }>> = {
  DATE: { type: 1082, format: /^\d{4}-\d{2}-\d{2}$/ },
  TIME: { type: 1083, format: /^\d{2}:\d{2}:\d{2}(\.\d+)?$/ },
  TIMESTAMP: { type: 1114, format: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$/ },
  DECIMAL: { type: 1700, format: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/ },
  JSON: { type: 114, format: /[\s\S]/ },
  UUID: { type: 2950, format: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
};

/**
 * Turns `:name` markers and Data API fields into a typed statement. A string without a hint is
 * bound as `text`, so that `uuid = :x` fails here as it fails on AWS. Without parameters the SQL
 * is not looked at: a `:word` in it reaches PostgreSQL as it is.
 * @throws AwsError for arrays, missing parameters and values that do not fit their hint
 */
export function typedStatement(sql: string, parameters: readonly SqlParameter[]): TypedStatement {
  if (parameters.length === 0) return { text: sql, types: [], values: [] };
  const byName = new Map(parameters.map((parameter) => [nameOf(parameter), typed(parameter)]));
  const bound = bindNamed(sql, byName.keys());
  if (bound.missing.length > 0) throw badRequest(`Cannot find parameter: ${bound.missing[0]}`);
  const used = bound.order.map((name) => byName.get(name) as TypedValue);
  return {
    text: bound.text,
    types: used.map((parameter) => parameter.type),
    values: used.map((parameter) => parameter.value),
  };
}

function nameOf(parameter: SqlParameter): string {
  if (parameter.name) return parameter.name;
  throw badRequest('Parameter name is required');
}

function typed(parameter: SqlParameter): TypedValue {
  const { value = {}, typeHint } = parameter;
  const given = Object.keys(value);
  if (given.length !== 1) {
    throw validation(
      `parameter ${parameter.name} must have exactly one value, got ${given.length}`,
    );
  }
  if (value.arrayValue !== undefined) throw validation('Array parameters are not supported');
  if (value.isNull !== undefined) {
    return { type: typeHint ? HINTS[typeHint].type : OID.unspecified, value: null };
  }
  if (typeHint !== undefined) return hinted(parameter, typeHint);
  if (value.booleanValue !== undefined)
    return { type: OID.bool, value: String(value.booleanValue) };
  if (value.longValue !== undefined) return { type: OID.int8, value: String(value.longValue) };
  if (value.doubleValue !== undefined)
    return { type: OID.float8, value: String(value.doubleValue) };
  if (value.blobValue !== undefined) {
    return { type: OID.bytea, value: Buffer.from(value.blobValue, 'base64') };
  }
  return { type: OID.text, value: value.stringValue ?? null };
}

function hinted(parameter: SqlParameter, typeHint: TypeHint): TypedValue {
  const text = parameter.value?.stringValue;
  if (text === undefined) {
    throw badRequest(
      `Parameter ${parameter.name} with type hint ${typeHint} must be a stringValue`,
    );
  }
  const hint = HINTS[typeHint];
  if (!hint.format.test(text)) {
    throw badRequest(
      `Parameter ${parameter.name} doesn't have the format of type hint ${typeHint}`,
    );
  }
  return { type: hint.type, value: text };
}
