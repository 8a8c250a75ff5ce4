import type pg from 'pg';
import { type ColumnMetadata, columnMetadata } from './column-metadata.ts';
import { badRequest, unsupportedResult } from './errors.ts';
import { type Field, plainValue, toField } from './fields.ts';
import type { DataApiLimits } from './limits.ts';
import type { Request } from './requests.ts';
import { type ResultType, resultType, unsupportedTypeName } from './result-types.ts';
import type { Column, RawResult } from './statement.ts';

/** `ExecuteStatementResponse`. `generatedFields` is always empty for PostgreSQL. */
export interface ExecuteStatementResponse {
  readonly numberOfRecordsUpdated: number;
  readonly generatedFields: readonly [];
  readonly records?: readonly (readonly Field[])[];
  readonly columnMetadata?: readonly ColumnMetadata[];
  readonly formattedRecords?: string;
}

/**
 * Turns what PostgreSQL sent into the answer the caller asked for.
 * @param client used to name a type that is not supported
 * @throws AwsError when the result is too large, or has a type the Data API cannot return
 */
export async function toResponse(
  raw: RawResult,
  request: Request<'ExecuteStatement'>,
  limits: DataApiLimits,
  client: pg.ClientBase,
): Promise<ExecuteStatementResponse> {
  if (raw.columns.length === 0) {
    return { numberOfRecordsUpdated: affectedRows(raw.tag), generatedFields: [] };
  }
  const types = await supportedTypes(raw.columns, client);
  if (raw.size === 'row-too-large') throw badRequest('Packet for query is too large');
  if (raw.size === 'result-too-large') {
    throw unsupportedResult('The result exceeds the size limit 1 MB.');
  }
  const records = raw.rows.map((row) =>
    types.map((type, index) => toField(row[index] ?? null, type, request.resultSetOptions)),
  );
  const base = { numberOfRecordsUpdated: 0, generatedFields: [] as const };
  if (request.formatRecordsAs === 'JSON' && raw.tag.startsWith('SELECT')) {
    return { ...base, formattedRecords: formatted(raw.columns, records, limits.jsonBytes) };
  }
  return {
    ...base,
    records,
    ...(request.includeResultMetadata && { columnMetadata: raw.columns.map(columnMetadata) }),
  };
}

/** `INSERT 0 3` and `UPDATE 3` changed three rows; `CREATE TABLE` and `SELECT 3` none. */
function affectedRows(tag: string): number {
  const match = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag);
  return Number(match?.[1] ?? 0);
}

async function supportedTypes(
  columns: readonly Column[],
  client: pg.ClientBase,
): Promise<readonly ResultType[]> {
  const types: ResultType[] = [];
  for (const { dataTypeID } of columns) {
    const type = resultType(dataTypeID);
    if (type === undefined) {
      const found = await client.query<{ typname: string }>(
        'select typname::text from pg_catalog.pg_type where oid = $1',
        [dataTypeID],
      );
      const name = unsupportedTypeName(found.rows[0]?.typname ?? String(dataTypeID));
      throw unsupportedResult(`The result contains the unsupported data type ${name}.`);
    }
    types.push(type);
  }
  return types;
}

/** JSON mode loses types and cannot hold two columns of one name. */
function formatted(
  columns: readonly Column[],
  records: readonly (readonly Field[])[],
  maxBytes: number,
): string {
  const labels = columns.map((column) => column.name);
  const duplicate = labels.find((label, index) => labels.indexOf(label) !== index);
  if (duplicate !== undefined) {
    throw badRequest(`The result has more than one column with the label ${duplicate}`);
  }
  const rows = records.map((record) =>
    Object.fromEntries(record.map((field, index) => [labels[index], plainValue(field)])),
  );
  const text = JSON.stringify(rows);
  if (Buffer.byteLength(text) > maxBytes) {
    throw badRequest('Database returned more than the allowed response size limit');
  }
  return text;
}
