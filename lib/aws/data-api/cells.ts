import type { ColumnMetadata, Field, SqlParameter } from '@aws-sdk/client-rds-data';
import {
  type Cell,
  DatabaseError,
  type Parameters,
  type ParameterValue,
  type Row,
} from '../../ports/database.ts';

/**
 * Columns that are numbers in JavaScript. The `serial` names are what the JDBC driver behind the
 * Data API calls an integer column with a sequence (pgjdbc, PgResultSetMetaData.getColumnTypeName).
 */
const NUMBERS = new Set(['int2', 'int4', 'float4', 'float8', 'smallserial', 'serial']);

/** Values as the Data API takes them; it binds strings as text and whole numbers as int8. */
export function toSqlParameters(parameters: Parameters): SqlParameter[] {
  return Object.entries(parameters).map(([name, value]) => ({
    name,
    value: toField(value),
  }));
}

function toField(value: ParameterValue): Field {
  if (value === null) return { isNull: true };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  return Number.isInteger(value) ? { longValue: value } : { doubleValue: value };
}

/**
 * Rows as the port promises them.
 * @throws DatabaseError when a column has a type that must be cast to text in the query
 */
export function toRows(
  records: readonly (readonly Field[])[],
  columns: readonly ColumnMetadata[],
): readonly Row[] {
  return records.map((record) =>
    Object.fromEntries(
      record.map((field, index) => {
        const column = columns[index] ?? {};
        // An alias is the label; the name is the table's column.
        return [column.label ?? column.name ?? `column${index + 1}`, toCell(field, column)];
      }),
    ),
  );
}

function toCell(field: Field, column: ColumnMetadata): Cell {
  if (field.isNull) return null;
  if (field.booleanValue !== undefined) return field.booleanValue;
  const value = field.stringValue ?? field.longValue ?? field.doubleValue;
  if (value === undefined) {
    throw new DatabaseError(
      'statement',
      `column ${column.label ?? column.name} has the type ${column.typeName}; cast it to text in the query`,
    );
  }
  const typeName = column.typeName ?? '';
  if (NUMBERS.has(typeName)) return Number(value);
  // "TIMESTAMPTZ is always returned in UTC" (Aurora user guide), without saying so in the text.
  if (typeName === 'timestamptz' && /\d$/.test(String(value))) return withUtcOffset(String(value));
  return String(value);
}

/** A time that has its offset already stays as it is: `12:00:00+00`. */
function withUtcOffset(text: string): string {
  return /[+-]\d\d(:\d\d)*$/.test(text.slice('YYYY-MM-DD'.length)) ? text : `${text}+00`;
}
