import type { Node, RangeVar } from 'libpg-query';

/** The name of a relation, type or function, as far as it was written; unquoted, case as stored. */
export interface SqlName {
  /** Undefined: found along the search path. */
  readonly schema: string | undefined;
  readonly name: string;
}

export function nameOfRange(range: RangeVar | undefined): SqlName {
  return { schema: range?.schemaname, name: range?.relname ?? '' };
}

/** A name of one to three parts (`catalog.schema.name`). */
export function nameOfParts(parts: readonly string[]): SqlName {
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** The strings of a list of String nodes; anything else in it is left out. */
export function stringsOf(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

/** True when both may mean the same object: a schema that is not written matches any. */
export function sameName(a: SqlName, b: SqlName): boolean {
  const sameSchema = a.schema === undefined || b.schema === undefined || a.schema === b.schema;
  return a.name === b.name && sameSchema;
}

export function includesName(names: readonly SqlName[], wanted: SqlName): boolean {
  return names.some((name) => sameName(name, wanted));
}

/** As it may be written in SQL: quoted where needed. */
export function writeName({ schema, name }: SqlName): string {
  return schema === undefined ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`;
}

/** Quotes whatever could be read differently without quotes. */
export function quoteName(name: string): string {
  const plain = /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Key words that cannot name a table or a column without quotes (PostgreSQL 18, appendix C). */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check ' +
    'collate collation column concurrently constraint create cross current_catalog current_date ' +
    'current_role current_schema current_time current_timestamp current_user default deferrable desc ' +
    'distinct do else end except false fetch for foreign freeze from full grant group having ilike in ' +
    'initially inner intersect into is isnull join lateral leading left like limit localtime ' +
    'localtimestamp natural not notnull null offset on only or order outer overlaps placing primary ' +
    'references returning right select session_user similar some symmetric system_user table ' +
    'tablesample then to trailing true union unique user using variadic verbose when where window with ' +
    'between bigint bit boolean char character coalesce dec decimal exists extract float greatest ' +
    'grouping inout int integer interval least merge_action national nchar none normalize nullif ' +
    'numeric out overlay position precision real row setof smallint substring time timestamp treat ' +
    'trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces ' +
    'xmlparse xmlpi xmlroot xmlserialize xmltable json json_array json_arrayagg json_exists ' +
    'json_object json_objectagg json_query json_scalar json_serialize json_table json_value'
  ).split(' '),
);
