import type { TypeName } from 'libpg-query';
import type { SqlParser } from './parser.ts';
import { nameOfParts, quoteName, type SqlName, stringsOf, writeName } from './sql-name.ts';

/** A data type as written, with the grammar's aliases resolved: `int` is `int4`. */
export interface PgType {
  /** The schema is undefined for built-in types. */
  readonly name: SqlName;
  /** Length, or precision and scale; empty when not given. */
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

export function pgTypeOf(node: TypeName | undefined): PgType {
  const name = nameOfParts(stringsOf(node?.names));
  const modifiers = (node?.typmods ?? []).flatMap((modifier) =>
    // The parser leaves zero out: `{ival: {}}`.
    'A_Const' in modifier ? [modifier.A_Const.ival?.ival ?? 0] : [],
  );
  return {
    name: name.schema === 'pg_catalog' ? { schema: undefined, name: name.name } : name,
    modifiers,
    array: (node?.arrayBounds ?? []).length > 0,
  };
}

/** Reads what format_type() prints; undefined when that is not a type. */
export function parsePgType(parser: SqlParser, text: string): PgType | undefined {
  const parsed = parser.parse(`select null::${text}`);
  if (parsed.kind === 'syntax-error') return undefined;
  const node = parsed.statements[0]?.node;
  if (node === undefined || !('SelectStmt' in node)) return undefined;
  const target = node.SelectStmt.targetList?.[0];
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  return value !== undefined && 'TypeCast' in value ? pgTypeOf(value.TypeCast.typeName) : undefined;
}

/** As it may be written in SQL, such as `varchar(50)[]`. */
export function writePgType({ name, modifiers, array }: PgType): string {
  const base = isBuiltIn(name) ? name.name : writeName(name);
  const length = modifiers.length > 0 ? `(${modifiers.join(', ')})` : '';
  // "char" is a type of its own: without quotes it would be read as character(1).
  return `${base === 'char' ? quoteName('char') : base}${length}${array ? '[]' : ''}`;
}

export function isBuiltIn({ schema, name }: SqlName): boolean {
  return schema === undefined && BUILT_IN.has(name);
}

/** serial and its relatives: an integer with a sequence behind it. */
export function isSerial({ schema, name }: SqlName): boolean {
  return schema === undefined && /^(?:(?:big|small)?serial|serial[248])$/.test(name);
}

/** Base types of PostgreSQL itself that a column can have; none of them carries constraints. */
const BUILT_IN: ReadonlySet<string> = new Set(
  (
    'bool bytea char name int8 int2 int4 text oid json xml point lseg path box polygon line float4 ' +
    'float8 circle money macaddr macaddr8 inet cidr bpchar varchar date time timestamp timestamptz ' +
    'interval timetz bit varbit numeric uuid jsonb jsonpath tsvector tsquery pg_lsn xid xid8 tid cid ' +
    'regclass regproc regprocedure regoper regoperator regtype regrole regnamespace regconfig ' +
    'regdictionary regcollation int4range int8range numrange tsrange tstzrange daterange ' +
    'int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange ' +
    'txid_snapshot pg_snapshot int2vector oidvector refcursor'
  ).split(' '),
);
