/** The tables of some schemas, one row each. */
export const TABLES = `
select c.oid::text as oid
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in (select value from jsonb_array_elements_text(:schemas::jsonb))
  and c.relkind in ('r', 'p')
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by c.oid`;

const NAME = (oid: string) =>
  `(select jsonb_build_object('schema', nx.nspname, 'name', x.relname)
    from pg_class x join pg_namespace nx on nx.oid = x.relnamespace where x.oid = ${oid})`;

const COLUMN_NAMES = (relation: string, numbers: string) =>
  `(select coalesce(jsonb_agg(own.attname order by listed.place), '[]')
    from unnest(${numbers}) with ordinality listed(number, place)
    join pg_attribute own on own.attrelid = ${relation} and own.attnum = listed.number)`;

/**
 * What belongs to some tables, one row a fact, so that no row grows with the size of a schema.
 * Columns that an index depends on are asked of pg_depend, where expressions and predicates have
 * theirs; an index behind a constraint has none of its own, its key columns are in pg_index.
 */
export const TABLE_FACTS = `
with wanted as (
  select value::oid as oid from jsonb_array_elements_text(:oids::jsonb)
), dependencies as (
  select d.refobjid as oid, d.refobjsubid as number, d.classid, d.objid,
         case when d.classid = 'pg_rewrite'::regclass then (select w.ev_class from pg_rewrite w where w.oid = d.objid) end as view
  from wanted w join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = w.oid
  where d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass,
                      'pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass, 'pg_trigger'::regclass)
     or d.classid = 'pg_attrdef'::regclass
        and exists (select from pg_attrdef f join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
                    where f.oid = d.objid and a.attgenerated <> '' and a.attnum <> d.refobjsubid)
), dependents as (
  select oid, classid, objid, min(view) as view, array_agg(distinct number::int2) as numbers
  from dependencies
  where not (classid = 'pg_trigger'::regclass
             and (select t.tgisinternal or t.tgparentid <> 0 from pg_trigger t where t.oid = objid))
    and view is distinct from oid
  group by oid, classid, objid
), facts(oid, fact, place, item) as (
  select c.oid, 'table', 0,
         jsonb_build_object('schema', n.nspname, 'name', c.relname, 'partitioned', c.relkind = 'p',
           'partitionOf', case when c.relispartition then
             (select ${NAME('h.inhparent')} from pg_inherits h where h.inhrelid = c.oid) end,
           'partitionKey', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
           'replicaIdentity', c.relreplident,
           'replicaIndex', (select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
                            where i.indrelid = c.oid and i.indisreplident limit 1),
           'rowSecurity', c.relrowsecurity, 'comment', obj_description(c.oid, 'pg_class'),
           'estimatedRows', c.reltuples)
  from wanted w join pg_class c on c.oid = w.oid join pg_namespace n on n.oid = c.relnamespace
  union all
  select g.oid, 'grant', 0, jsonb_build_object('grantee', g.grantee, 'privilege', g.privilege, 'name', g.grantee)
  from (select distinct c.oid, x.privilege_type as privilege,
               case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end as grantee
        from wanted w join pg_class c on c.oid = w.oid, aclexplode(c.relacl) x
        where x.grantee <> c.relowner and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')) g
  union all
  select a.attrelid, 'column', a.attnum::int,
         jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
           'notNull', a.attnotnull,
           'default', case when a.attgenerated = '' then pg_get_expr(f.adbin, f.adrelid) end,
           'generated', case when a.attgenerated <> '' then pg_get_expr(f.adbin, f.adrelid) end,
           'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
           'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
           'comment', col_description(a.attrelid, a.attnum),
           'ownedSequence', case when a.attidentity = '' then
             (select format('%I.%I', ns.nspname, s.relname)
              from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
              join pg_namespace ns on ns.oid = s.relnamespace
              where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                and d.refobjid = a.attrelid and d.refobjsubid = a.attnum and d.deptype = 'a' limit 1) end,
           'grants', (select jsonb_agg(jsonb_build_object('privilege', x.privilege_type, 'grantable', x.is_grantable,
                        'grantee', case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end)
                        order by x.place)
                      from aclexplode(a.attacl) with ordinality x(grantor, grantee, privilege_type, is_grantable, place)))
  from wanted w join pg_attribute a on a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
  union all
  select i.indrelid, 'index', 0,
         jsonb_build_object('name', x.relname, 'definition', pg_get_indexdef(i.indexrelid),
           'unique', i.indisunique, 'primary', i.indisprimary, 'valid', i.indisvalid,
           'constraint', (select k.conname from pg_constraint k
                          where k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')),
           'columns', (select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a
                       where a.attrelid = i.indrelid and a.attnum > 0
                         and (a.attnum = any (i.indkey::int2[])
                              or exists (select from pg_depend d
                                         where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                                           and d.refclassid = 'pg_class'::regclass
                                           and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))))
  from wanted w join pg_index i on i.indrelid = w.oid join pg_class x on x.oid = i.indexrelid
  union all
  select k.conrelid, 'constraint', 0,
         jsonb_build_object('name', k.conname,
           'kind', case k.contype when 'c' then 'check' when 'f' then 'foreign-key' when 'p' then 'primary-key'
                                  when 'u' then 'unique' when 'x' then 'exclusion' else 'not-null' end,
           'columns', ${COLUMN_NAMES('k.conrelid', 'k.conkey')},
           'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
           'validated', k.convalidated, 'references', ${NAME('nullif(k.confrelid, 0)')})
  from wanted w join pg_constraint k on k.conrelid = w.oid and k.contype <> 't' and (k.contype <> 'f' or k.conparentid = 0)
  union all
  select k.confrelid, 'reference', 0,
         jsonb_build_object('table', ${NAME('k.conrelid')}, 'constraint', k.conname,
           'columns', ${COLUMN_NAMES('k.confrelid', 'k.confkey')})
  from wanted w join pg_constraint k on k.confrelid = w.oid and k.contype = 'f' and k.conparentid = 0
  union all
  select t.tgrelid, 'trigger', 0,
         jsonb_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid),
           'columns', ${COLUMN_NAMES('t.tgrelid', 't.tgattr::int2[]')})
  from wanted w join pg_trigger t on t.tgrelid = w.oid and not t.tgisinternal and t.tgparentid = 0
  union all
  select d.oid, 'dependent', 0,
         jsonb_build_object(
           'kind', case d.classid when 'pg_rewrite'::regclass then case v.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'rule' end
                                  when 'pg_policy'::regclass then 'policy' when 'pg_proc'::regclass then 'function'
                                  when 'pg_statistic_ext'::regclass then 'statistics'
                                  when 'pg_publication_rel'::regclass then 'publication'
                                  when 'pg_trigger'::regclass then 'trigger' else 'generated column' end,
           'name', case when v.relkind in ('v', 'm') then pg_describe_object('pg_class'::regclass, v.oid, 0)
                        else pg_describe_object(d.classid, d.objid, 0) end,
           'relation', ${NAME('v.oid')},
           'definition', case when v.relkind in ('v', 'm') then pg_get_viewdef(v.oid) end,
           'columns', ${COLUMN_NAMES('d.oid', 'd.numbers')})
  from dependents d left join pg_class v on v.oid = d.view
  union all
  select p.partrelid, 'dependent', 1,
         jsonb_build_object('kind', 'partition key', 'name', 'the partition key ' || pg_get_partkeydef(p.partrelid),
           'columns', (select coalesce(jsonb_agg(a.attname), '[]') from pg_attribute a
                       where a.attrelid = p.partrelid and a.attnum > 0
                         and (a.attnum = any (p.partattrs::int2[])
                              or exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = p.partrelid
                                           and d.objsubid = 0 and d.refclassid = 'pg_class'::regclass
                                           and d.refobjid = p.partrelid and d.refobjsubid = a.attnum))))
  from wanted w join pg_partitioned_table p on p.partrelid = w.oid
  union all
  select h.inhparent, 'partition', 0,
         jsonb_build_object('name', ${NAME('h.inhrelid')}, 'bound', pg_get_expr(c.relpartbound, c.oid))
  from wanted w join pg_inherits h on h.inhparent = w.oid join pg_class c on c.oid = h.inhrelid and c.relispartition
)
select oid::text as oid, fact, item::text as item from facts order by facts.oid, fact, place, item ->> 'name'`;

/** Enumerations of some schemas. */
export const ENUMS = `
select n.nspname::text as schema, t.typname::text as name,
       (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)::text as labels
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'e' and n.nspname in (select value from jsonb_array_elements_text(:schemas::jsonb))
order by n.nspname, t.typname`;

/** Schemas of views that earlier migrations left. */
export const VERSIONS = `
select n.nspname::text as schema,
       substr(obj_description(n.oid, 'pg_namespace'), length(:comment) + 1) as of,
       (select coalesce(jsonb_agg(c.relname order by c.relname), '[]') from pg_class c
        where c.relnamespace = n.oid and c.relkind = 'v')::text as views
from pg_namespace n
where starts_with(obj_description(n.oid, 'pg_namespace'), :comment)
order by n.nspname`;

/** Major version and the first schema of the search path that exists. */
export const SERVER = `
select current_setting('server_version_num')::int4 / 10000 as version,
       coalesce(current_schema(), 'public')::text as schema,
       (select coalesce(jsonb_agg(distinct case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end), '[]')
        from pg_namespace n, aclexplode(n.nspacl) x
        where n.nspname = coalesce(current_schema(), 'public') and x.privilege_type = 'USAGE'
          and x.grantee <> n.nspowner)::text as usage`;
