/**
 * The relations that are named, the tables of named indexes, and everything that inherits from
 * them, at every depth. One row each.
 */
export const RELATIONS = `
with recursive wanted as (
  select w ->> 'schema' as schema, w ->> 'name' as name from jsonb_array_elements(:names::jsonb) w
), seeds as (
  select c.oid from wanted w
  join pg_class c on c.relname = w.name
  join pg_namespace n on n.oid = c.relnamespace
  where case when w.schema is null then pg_table_is_visible(c.oid) else n.nspname = w.schema end
    and c.relkind in ('r', 'p', 'v', 'm', 'i', 'I', 'S', 'f')
), family(oid) as (
  (select oid from seeds union select i.indrelid from pg_index i join seeds s on s.oid = i.indexrelid)
  union
  select h.inhrelid from pg_inherits h join family f on f.oid = h.inhparent
  join pg_class c on c.oid = h.inhrelid and c.relkind in ('r', 'p', 'f')
)
select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name,
       pg_table_is_visible(c.oid) as visible,
       case c.relkind when 'p' then 'partitioned-table' when 'v' then 'view'
                      when 'm' then 'materialized-view' when 'f' then 'foreign-table'
                      when 'i' then 'index' when 'I' then 'index' when 'S' then 'sequence'
                      else 'table' end as kind,
       coalesce((select spcname from pg_tablespace where oid = c.reltablespace),
                (select spcname from pg_tablespace join pg_database on dattablespace = pg_tablespace.oid
                 where datname = current_database()))::text as tablespace,
       c.reltuples::float8 as rows
from family f join pg_class c on c.oid = f.oid join pg_namespace n on n.oid = c.relnamespace
order by c.oid`;

/** A relation's name as it may be written on the search path: its schema only where it is needed. */
const nameOf = (oid: string) =>
  `(select jsonb_build_object('schema', case when not pg_table_is_visible(x.oid) then nx.nspname end, 'name', x.relname)
    from pg_class x join pg_namespace nx on nx.oid = x.relnamespace where x.oid = ${oid})`;

/**
 * What belongs to some relations, one row a fact, so that no row grows with the size of a schema.
 * Columns that an index depends on are asked of pg_depend, where expressions and predicates have
 * theirs; an index behind a constraint has none of its own, its key columns are in pg_index.
 */
export const RELATION_FACTS = `
with recursive wanted as (
  select value::oid as oid from jsonb_array_elements_text(:oids::jsonb)
), below(root, oid) as (
  select w.oid, h.inhrelid from wanted w join pg_class c on c.oid = w.oid and c.relkind in ('r', 'p', 'f')
  join pg_inherits h on h.inhparent = w.oid
  union
  select b.root, h.inhrelid from below b join pg_inherits h on h.inhparent = b.oid
), reads(root, oid) as (
  select w.oid, d.refobjid from wanted w join pg_rewrite r on r.ev_class = w.oid
  join pg_class c on c.oid = w.oid and c.relkind in ('v', 'm')
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
   and d.refclassid = 'pg_class'::regclass and d.refobjid <> w.oid
  union
  select s.root, d.refobjid from reads s join pg_class v on v.oid = s.oid and v.relkind = 'v'
  join pg_rewrite r on r.ev_class = v.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
   and d.refclassid = 'pg_class'::regclass and d.refobjid <> v.oid
), facts(oid, fact, place, item) as (
  select a.attrelid, 'column', a.attnum::int,
         jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull)
  from wanted w join pg_attribute a on a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped
  union all
  select i.indrelid, 'index', 0,
         jsonb_build_object('name', ${nameOf('i.indexrelid')}, 'unique', i.indisunique,
           'columns', (select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a
                       where a.attrelid = i.indrelid and a.attnum > 0
                         and (a.attnum = any (i.indkey::int2[])
                              or exists (select from pg_depend d
                                         where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                                           and d.refclassid = 'pg_class'::regclass
                                           and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))))
  from wanted w join pg_index i on i.indrelid = w.oid
  union all
  select k.conrelid, 'constraint', 0,
         jsonb_build_object('name', k.conname,
           'kind', case k.contype when 'c' then 'check' when 'f' then 'foreign-key' when 'p' then 'primary-key'
                                  when 'u' then 'unique' when 'x' then 'exclusion' else 'not-null' end,
           'columns', (select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a
                       where a.attrelid = k.conrelid and a.attnum = any (k.conkey)),
           'definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated,
           'references', ${nameOf('nullif(k.confrelid, 0)')})
  from wanted w join pg_constraint k on k.conrelid = w.oid and k.contype <> 't'
  union all
  select w.oid, 'table', 0, ${nameOf('i.indrelid')} from wanted w join pg_index i on i.indexrelid = w.oid
  union all
  select r.confrelid, 'referenced-by', 0, ${nameOf('r.conrelid')}
  from (select distinct k.confrelid, k.conrelid from wanted w
        join pg_constraint k on k.confrelid = w.oid and k.contype = 'f') r
  union all
  select b.root, 'child', 0, ${nameOf('b.oid')} from below b
  union all
  select s.root, 'reads', 0, ${nameOf('s.oid')}
  from reads s join pg_class c on c.oid = s.oid and c.relkind <> 'v'
  union all
  select p.partrelid, 'partitioning', 0,
         jsonb_build_object('default', ${nameOf('nullif(p.partdefid, 0)')}, 'key',
           (select jsonb_agg(coalesce(a.attname::text, '') order by k.place)
            from unnest(p.partattrs::int2[]) with ordinality k(number, place)
            left join pg_attribute a on a.attrelid = p.partrelid and a.attnum = k.number))
  from wanted w join pg_partitioned_table p on p.partrelid = w.oid
)
select oid::text as oid, fact, item::text as item from facts order by facts.oid, fact, place, item ->> 'name'`;
