import type { SqlParser } from '../sql/parser.ts';
import { isBuiltIn, isSerial, type PgType, parsePgType } from '../sql/pg-type.ts';
import { writeName } from '../sql/sql-name.ts';

/** What format_type() calls the types whose SQL name is not the catalog's. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  varchar: 'character varying',
  bpchar: 'character',
  varbit: 'bit varying',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
  char: '"char"',
};

const SERIALS: Readonly<Record<string, string>> = {
  smallserial: 'smallint',
  serial2: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
};

/** The type of a column as format_type() will print it: `varchar(50)` is `character varying(50)`. */
export function columnType(parser: SqlParser, written: string): string {
  const type = parsePgType(parser, written);
  // The fields of an interval are bit masks in the parse tree.
  if (type === undefined || type.name.name === 'interval') return written;
  return formatType(type);
}

function formatType({ name, modifiers, array }: PgType): string {
  const base = isBuiltIn(name) ? name.name : writeName(name);
  const named =
    name.schema === undefined ? (SERIALS[base] ?? FORMAT_NAMES[name.name] ?? base) : base;
  const length = modifiers.length > 0 ? `(${modifiers.join(',')})` : '';
  // `timestamp(3) with time zone`: the precision stands behind the first word.
  const timed = /^time(?:stamp)?(?= with)/.exec(named)?.[0];
  const whole = timed === undefined ? named + length : timed + length + named.slice(timed.length);
  return array ? `${whole}[]` : whole;
}

/** Whether the type makes a sequence of its own, such as `bigserial`. */
export function isSerialType(parser: SqlParser, written: string): boolean {
  const type = parsePgType(parser, written);
  return type !== undefined && !type.array && isSerial(type.name);
}
