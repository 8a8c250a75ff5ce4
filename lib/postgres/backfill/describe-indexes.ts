import type { KeyColumn } from '../../core/plan/plan.ts';
import type { Session } from '../../ports/database.ts';

/** An index of the walked table. */
export interface IndexDescription {
  readonly name: string;
  /** Its key columns in order; empty when an expression is among them. */
  readonly key: readonly KeyColumn[];
  /** Every column that makes an update not HOT: keys, included ones, expressions, predicate. */
  readonly columns: readonly string[];
  /** False for BRIN: it may lag behind, so it does not prevent HOT updates (PostgreSQL 16). */
  readonly preventsHot: boolean;
  /** Whether its order names each row once: unique, whole, NOT NULL, in the columns' own order. */
  readonly walkable: boolean;
  /** Whether the types of all key columns have a default hash operator class (and rows a hash: PostgreSQL 14). */
  readonly hashable: boolean;
  /** Nothing but queries rests on it: no uniqueness, no exclusion, no replica identity, no index of the partitioned table. */
  readonly queriesOnly: boolean;
}

/**
 * Walkable ones first: the primary key, then the unique index with the fewest columns.
 *
 * An index with another operator class (`text_pattern_ops`) or another collation than its column
 * cannot answer `key > ... order by key`, so it is not walkable. Direction does not matter: an
 * index is read backwards as well as forwards.
 */
const INDEX_QUERY = `select ic.relname as name,
    (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
                     order by k.position)::text
     from unnest(i.indkey::int2[]) with ordinality k(attnum, position)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where k.position <= i.indnkeyatts) as key_columns,
    (select json_agg(distinct a.attname)::text from pg_attribute a
     where a.attrelid = i.indrelid and a.attnum > 0
       and (a.attnum = any(i.indkey::int2[]) or exists (
         select from pg_depend d
         where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
           and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid
           and d.refobjsubid = a.attnum))) as all_columns,
    am.amname <> 'brin' as prevents_hot,
    i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
      and am.amname = 'btree' and order_is_own as walkable,
    coalesce(hashable, false) and to_regproc('hash_record_extended') is not null as hashable,
    not (i.indisunique or i.indisexclusion or i.indisreplident)
      and ic.relkind = 'i' and not ic.relispartition as queries_only,
    i.indisprimary as is_primary, i.indnkeyatts::int4 as width
  from pg_index i
  join pg_class ic on ic.oid = i.indexrelid
  join pg_am am on am.oid = ic.relam
  cross join lateral (
    select bool_and(a.attnotnull and coalesce(oc.opcdefault, false)
                    and k.collation_oid = a.attcollation) as order_is_own,
           bool_and(exists (
             select from pg_opclass h join pg_am hm on hm.oid = h.opcmethod
             where hm.amname = 'hash' and h.opcdefault
               and (h.opcintype = coalesce(nullif(ty.typbasetype, 0), ty.oid)
                    or ty.typtype = 'e' and h.opcintype = 'anyenum'::regtype
                    or exists (select from pg_cast c
                               where c.castsource = coalesce(nullif(ty.typbasetype, 0), ty.oid)
                                 and c.casttarget = h.opcintype and c.castmethod = 'b'))
           )) as hashable
    from unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
         with ordinality k(attnum, class_oid, collation_oid, position)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    left join pg_type ty on ty.oid = a.atttypid
    left join pg_opclass oc on oc.oid = k.class_oid
    where k.position <= i.indnkeyatts
  ) keys
  where i.indrelid = :table::oid and i.indislive
  order by walkable desc, is_primary desc, width, name`;

export async function describeIndexes(
  session: Session,
  tableOid: string,
): Promise<readonly IndexDescription[]> {
  const rows = await session.query(INDEX_QUERY, { table: tableOid });
  return rows.map((row) => ({
    name: String(row['name']),
    key: JSON.parse(String(row['key_columns'] ?? '[]')) as readonly KeyColumn[],
    columns: JSON.parse(String(row['all_columns'] ?? '[]')) as readonly string[],
    preventsHot: row['prevents_hot'] === true,
    walkable: row['walkable'] === true,
    hashable: row['hashable'] === true,
    queriesOnly: row['queries_only'] === true,
  }));
}
