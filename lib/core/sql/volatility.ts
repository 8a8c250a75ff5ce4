import type { Node } from 'libpg-query';
import type { ClassifyContext } from './catalog.ts';
import { nameOfParts, type SqlName, stringsOf } from './sql-name.ts';
import { nodesNamed } from './walk.ts';

/**
 * Whether an expression gives one value for a whole statement. `volatile` makes ADD COLUMN
 * rewrite the table; `unknown` is a function that neither the catalog nor the lists below know.
 */
export function volatilityOf(
  expression: Node,
  context: ClassifyContext,
): 'stable' | 'volatile' | 'unknown' {
  const answers = functionsIn(expression).map((name) => functionVolatility(name, context));
  if (answers.includes('volatile')) return 'volatile';
  return answers.includes('unknown') ? 'unknown' : 'stable';
}

/** Names of all functions called anywhere inside. */
export function functionsIn(expression: unknown): readonly SqlName[] {
  return nodesNamed(expression, 'FuncCall').map(({ funcname }) => nameOfParts(stringsOf(funcname)));
}

/** True for functions of PostgreSQL itself whose only effect is their value (or a sequence's). */
export function isHarmlessFunction(name: SqlName): boolean {
  return isOwn(name) && (STABLE.has(name.name) || VOLATILE.has(name.name));
}

function functionVolatility(
  name: SqlName,
  context: ClassifyContext,
): 'stable' | 'volatile' | 'unknown' {
  const known = context.catalog?.volatility(name);
  if (known !== undefined) return known === 'volatile' ? 'volatile' : 'stable';
  if (!isOwn(name)) return 'unknown';
  if (VOLATILE.has(name.name)) return 'volatile';
  return STABLE.has(name.name) ? 'stable' : 'unknown';
}

function isOwn({ schema }: SqlName): boolean {
  return schema === undefined || schema === 'pg_catalog';
}

/** Volatile functions of PostgreSQL 18 that make sense in a default (pg_proc.provolatile = 'v'). */
const VOLATILE: ReadonlySet<string> = new Set(
  (
    'random random_normal setseed clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 nextval ' +
    'currval lastval setval gen_random_bytes uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 ' +
    'pg_sleep'
  ).split(' '),
);

/** Stable and immutable functions of PostgreSQL 18 that are common in defaults and queries. */
const STABLE: ReadonlySet<string> = new Set(
  (
    'now transaction_timestamp statement_timestamp timezone date_trunc date_part extract age ' +
    'make_date make_time make_timestamp make_timestamptz make_interval to_timestamp to_date to_char ' +
    'to_number to_json to_jsonb lower upper initcap length char_length octet_length bit_length trim ' +
    'btrim ltrim rtrim substr substring left right replace translate repeat reverse lpad rpad ' +
    'split_part position strpos concat concat_ws format md5 sha224 sha256 sha384 sha512 encode decode ' +
    'ascii chr quote_ident quote_literal quote_nullable regexp_replace regexp_match regexp_matches ' +
    'regexp_split_to_array regexp_count regexp_like string_to_array array_to_string array_append ' +
    'array_prepend array_cat array_length array_position array_remove array_upper array_lower ' +
    'cardinality unnest abs ceil ceiling floor round trunc mod power sqrt exp ln log sign greatest ' +
    'least div gcd lcm width_bucket json_build_object json_build_array json_object jsonb_build_object ' +
    'jsonb_build_array jsonb_object jsonb_set jsonb_strip_nulls jsonb_extract_path ' +
    'jsonb_extract_path_text json_extract_path json_extract_path_text jsonb_array_elements ' +
    'jsonb_array_elements_text jsonb_array_length jsonb_each jsonb_each_text jsonb_object_keys ' +
    'jsonb_typeof row_to_json json_agg jsonb_agg json_object_agg jsonb_object_agg count sum avg min max ' +
    'array_agg string_agg bool_and bool_or every row_number rank dense_rank lag lead first_value ' +
    'last_value ntile coalesce nullif current_setting current_user session_user user ' +
    'current_database current_schema version inet_client_addr txid_current pg_current_xact_id ' +
    'to_regclass to_regtype pg_typeof hashtext hashtextextended to_tsvector to_tsquery ' +
    'plainto_tsquery websearch_to_tsquery generate_series num_nonnulls num_nulls int4range int8range ' +
    'numrange tsrange tstzrange daterange isempty lower_inc upper_inc range_merge point circle box ' +
    'pg_relation_size pg_total_relation_size pg_size_pretty pg_get_constraintdef has_table_privilege ' +
    'convert_from convert_to isfinite justify_days justify_hours date uuid_extract_timestamp like ' +
    'starts_with overlaps normalize'
  ).split(' '),
);
