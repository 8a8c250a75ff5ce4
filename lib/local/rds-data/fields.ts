import { arrayElements } from './array-text.ts';
import { unsupportedResult } from './errors.ts';
import type { ResultSetOptions } from './requests.ts';
import type { FieldKind, ResultType } from './result-types.ts';
import { timestamptzText, timeText } from './time-text.ts';

/** A scalar as JSON carries it; a whole number past 2^53 is written digit by digit. */
type Scalar = string | number | boolean | RawNumber;
type ScalarMember = 'booleanValue' | 'longValue' | 'doubleValue' | 'stringValue' | 'blobValue';

/** One value of a record, in the Data API's tagged form. */
export type Field =
  | { readonly isNull: true }
  | { readonly [member in ScalarMember]?: Scalar }
  | { readonly arrayValue: { readonly [member: string]: readonly (Scalar | null)[] } };

/** A number that JSON.stringify writes with exactly these digits. */
type RawNumber = { readonly rawJSON: string };
const rawNumber = (JSON as unknown as { rawJSON(text: string): RawNumber }).rawJSON;

/** Converts a column's text. @throws AwsError `UnsupportedResultException` for a matrix */
export function toField(text: string | null, type: ResultType, options: ResultSetOptions): Field {
  if (text === null) return { isNull: true };
  if (!type.isArray) {
    const { member, value } = scalar(text, type.kind, options);
    return { [member]: value };
  }
  const elements = arrayElements(text);
  if (elements === undefined) {
    throw unsupportedResult(
      'The result contains the unsupported data type multidimensional array.',
    );
  }
  const values = elements.map((element) =>
    element === null ? null : scalar(element, type.kind, options),
  );
  const member = values.find((value) => value !== null)?.member ?? EMPTY_MEMBER[type.kind];
  // The API has no blobValues: byte strings of an array come as base64 text.
  const list = member === 'blobValue' ? 'stringValues' : `${member}s`;
  return { arrayValue: { [list]: values.map((value) => value?.value ?? null) } };
}

/** What JSON mode shows of a field. */
export function plainValue(field: Field): unknown {
  if ('isNull' in field) return null;
  return Object.values('arrayValue' in field ? field.arrayValue : field)[0];
}

/** Which list an array without any element uses. */
const EMPTY_MEMBER: Readonly<Record<FieldKind, ScalarMember>> = {
  boolean: 'booleanValue',
  long: 'longValue',
  double: 'doubleValue',
  decimal: 'stringValue',
  string: 'stringValue',
  blob: 'stringValue',
  time: 'stringValue',
  timestamptz: 'stringValue',
};

function scalar(
  text: string,
  kind: FieldKind,
  options: ResultSetOptions,
): { readonly member: ScalarMember; readonly value: Scalar } {
  switch (kind) {
    case 'boolean':
      return { member: 'booleanValue', value: text === 't' };
    case 'long':
      return options.longReturnType === 'STRING'
        ? { member: 'stringValue', value: text }
        : { member: 'longValue', value: rawNumber(text) };
    case 'double':
      return { member: 'doubleValue', value: double(text) };
    case 'decimal':
      if (options.decimalReturnType === 'STRING') return { member: 'stringValue', value: text };
      return isLong(text)
        ? { member: 'longValue', value: rawNumber(text) }
        : { member: 'doubleValue', value: double(text) };
    case 'blob':
      // bytea_output is hex by default: \x0102
      return { member: 'blobValue', value: Buffer.from(text.slice(2), 'hex').toString('base64') };
    case 'time':
      return { member: 'stringValue', value: timeText(text) };
    case 'timestamptz':
      return { member: 'stringValue', value: timestamptzText(text) };
    case 'string':
      return { member: 'stringValue', value: text };
  }
}

/** JSON has no NaN and no infinities; the protocol writes them as strings. */
function double(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

function isLong(text: string): boolean {
  return /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}
