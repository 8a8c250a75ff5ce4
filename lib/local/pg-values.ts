import { type Cell, DatabaseError, type Parameters, type Row } from '../ports/database.ts';
import { bindNamed } from '../postgres/named-parameters.ts';
import type { TypedStatement } from './rds-data/parameters.ts';
import { type ResultType, resultType } from './rds-data/result-types.ts';
import type { RawResult } from './rds-data/statement.ts';

/** Types as the Data API declares them (OIDs of pg_type): text, int8, float8, bool; null is inferred. */
export function typedStatement(sql: string, parameters: Parameters): TypedStatement {
  const names = Object.keys(parameters);
  if (names.length === 0) return { text: sql, types: [], values: [] };
  const { text, order, missing } = bindNamed(sql, names);
  if (missing.length > 0) throw new DatabaseError('statement', `no parameter named ${missing[0]}`);
  const used = order.map((name) => parameters[name] ?? null);
  return {
    text,
    types: used.map((value) => {
      if (value === null) return 0;
      if (typeof value === 'string') return 25;
      if (typeof value === 'boolean') return 16;
      return Number.isInteger(value) ? 20 : 701;
    }),
    values: used.map((value) => (value === null ? null : String(value))),
  };
}

/** Rows as the port promises them. @throws DatabaseError for what the Data API would refuse to return */
export function toRows({ columns, rows, size }: RawResult): readonly Row[] {
  const types = columns.map(({ name, dataTypeID }) => scalarType(name, dataTypeID));
  if (size !== 'within-limits') {
    throw new DatabaseError('statement', 'the result has more than 1 MiB or a row more than 64 KB');
  }
  return rows.map((row) =>
    Object.fromEntries(
      types.map((type, index) => [columns[index]?.name, toCell(row[index] ?? null, type)]),
    ),
  );
}

function scalarType(column: string, oid: number): ResultType {
  const type = resultType(oid);
  if (type !== undefined && !type.isArray && type.kind !== 'blob') return type;
  throw new DatabaseError(
    'statement',
    `column ${column} has the type ${type?.typeName ?? oid}; cast it to text in the query`,
  );
}

function toCell(text: string | null, type: ResultType): Cell {
  if (text === null) return null;
  if (type.kind === 'boolean') return text === 't';
  const isNumber = ['int2', 'int4', 'float4', 'float8'].includes(type.typeName);
  return isNumber ? Number(text) : text;
}
