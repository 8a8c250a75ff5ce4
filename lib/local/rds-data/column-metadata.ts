import { resultType } from './result-types.ts';
import type { Column } from './statement.ts';

/** `ColumnMetadata` of the Data API. */
export interface ColumnMetadata {
  readonly name: string;
  readonly label: string;
  readonly type: number;
  readonly typeName: string;
  readonly nullable: number;
  readonly precision: number;
  readonly scale: number;
  readonly arrayBaseColumnType: number;
  readonly isAutoIncrement: boolean;
  readonly isCaseSensitive: boolean;
  readonly isCurrency: boolean;
  readonly isSigned: boolean;
  /** Empty, as AWS leaves it for PostgreSQL. */
  readonly schemaName: string;
  readonly tableName: string;
}

/** `java.sql.ResultSetMetaData.columnNullableUnknown`: the wire protocol does not tell. */
const NULLABLE_UNKNOWN = 2;
/** Type modifiers carry four bytes of header before the length or precision. */
const MODIFIER_HEADER = 4;

/** Describes a column; its type was checked to be a supported one. */
export function columnMetadata(column: Column): ColumnMetadata {
  const type = resultType(column.dataTypeID);
  const kind = type?.kind ?? 'string';
  const modifier = column.dataTypeModifier - MODIFIER_HEADER;
  const isNumeric = kind === 'decimal' && modifier >= 0;
  return {
    name: column.name,
    label: column.name,
    type: type?.jdbcType ?? 0,
    typeName: type?.typeName ?? '',
    nullable: NULLABLE_UNKNOWN,
    precision: isNumeric ? (modifier >> 16) & 0xffff : precisionOf(column, modifier),
    scale: isNumeric ? modifier & 0xffff : 0,
    arrayBaseColumnType: type?.arrayBaseColumnType ?? 0,
    isAutoIncrement: false,
    isCaseSensitive: kind === 'string',
    isCurrency: false,
    isSigned: kind === 'long' || kind === 'double' || kind === 'decimal',
    schemaName: '',
    tableName: '',
  };
}

/** Decimal digits of a fixed-size integer, or the declared length of a string. */
function precisionOf(column: Column, modifier: number): number {
  const digits: Readonly<Record<number, number>> = { 2: 5, 4: 10, 8: 19 };
  if (modifier >= 0) return modifier;
  return column.dataTypeSize > 0 ? (digits[column.dataTypeSize] ?? 0) : 2_147_483_647;
}
