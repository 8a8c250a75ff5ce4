import type pg from 'pg';
import type {
  CatalogView,
  RelationFacts,
  RelationKind,
  TypeFacts,
} from '../../../../lib/core/sql/catalog.ts';
import type { SqlName } from '../../../../lib/core/sql/sql-name.ts';

/** What a live database knows of the objects in its `public` schema. */
export async function readCatalog(pool: pg.Pool): Promise<CatalogView> {
  const relations = new Map<string, RelationFacts>(
    (await pool.query<RelationRow>(RELATIONS)).rows.map((row) => [row.name, relationOf(row)]),
  );
  const types = new Map<string, TypeFacts>(
    (await pool.query<TypeRow>(TYPES)).rows.map((row) => [
      row.name,
      { kind: row.kind, constrained: row.constrained, usedBy: row.used_by.map(named) },
    ]),
  );
  return {
    relation: ({ name }) => relations.get(name),
    type: ({ name }) => types.get(name),
    volatility: () => undefined,
  };
}

interface RelationRow {
  readonly name: string;
  readonly kind: RelationKind;
  readonly owner: string | null;
  readonly columns: RelationFacts['columns'];
  readonly indexes: readonly {
    readonly name: string;
    readonly unique: boolean;
    readonly columns: readonly string[];
  }[];
  readonly constraints: readonly {
    readonly name: string;
    readonly kind: RelationFacts['constraints'][number]['kind'];
    readonly columns: readonly string[];
    readonly definition: string;
    readonly validated: boolean;
    readonly references: string | null;
  }[];
  readonly referenced_by: readonly string[];
  readonly children: readonly string[];
  readonly reads: readonly string[];
  readonly key: readonly string[] | null;
  readonly default_partition: string | null;
  readonly rows: number;
}

interface TypeRow {
  readonly name: string;
  readonly kind: TypeFacts['kind'];
  readonly constrained: boolean;
  readonly used_by: readonly string[];
}

const named = (name: string): SqlName => ({ schema: undefined, name });
const maybe = (name: string | null) => (name === null ? undefined : named(name));

function relationOf(row: RelationRow): RelationFacts {
  const partitioning = { key: row.key ?? [], defaultPartition: maybe(row.default_partition) };
  return {
    kind: row.kind,
    name: named(row.name),
    table: maybe(row.owner),
    columns: row.columns,
    indexes: row.indexes.map((index) => ({ ...index, name: named(index.name) })),
    constraints: row.constraints.map((each) => ({ ...each, references: maybe(each.references) })),
    referencedBy: row.referenced_by.map(named),
    children: row.children.map(named),
    reads: row.reads.map(named),
    partitioning: row.key === null ? undefined : partitioning,
    tablespace: 'pg_default',
    estimatedRows: row.rows,
  };
}

const RELATIONS = `
select c.relname as name,
       case c.relkind when 'p' then 'partitioned-table' when 'v' then 'view' when 'm' then 'materialized-view'
                      when 'i' then 'index' when 'I' then 'index' when 'S' then 'sequence' else 'table' end as kind,
       (select indrelid::regclass::text from pg_index where indexrelid = c.oid) as owner,
       (select coalesce(jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, atttypmod),
                                                     'notNull', attnotnull)), '[]')
          from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
       (select coalesce(jsonb_agg(jsonb_build_object('name', indexrelid::regclass::text, 'unique', indisunique,
                 'columns', (select coalesce(jsonb_agg(distinct attname), '[]') from pg_depend d
                               join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                              where d.objid = indexrelid and d.refobjid = c.oid
                                 or d.objid = (select oid from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
                                and d.refobjid = c.oid))), '[]')
          from pg_index where indrelid = c.oid) as indexes,
       (select coalesce(jsonb_agg(jsonb_build_object('name', conname,
                 'kind', case contype when 'c' then 'check' when 'f' then 'foreign-key' when 'p' then 'primary-key'
                                      when 'u' then 'unique' when 'x' then 'exclusion' else 'not-null' end,
                 'columns', (select coalesce(jsonb_agg(attname), '[]') from pg_attribute
                              where attrelid = c.oid and attnum = any (conkey)),
                 'definition', pg_get_constraintdef(oid), 'validated', convalidated,
                 'references', nullif(confrelid, 0)::regclass::text)), '[]')
          from pg_constraint where conrelid = c.oid and contype <> 't') as constraints,
       array(select distinct conrelid::regclass::text from pg_constraint
              where confrelid = c.oid and contype = 'f') as referenced_by,
       array(with recursive below as (
               select inhrelid from pg_inherits where inhparent = c.oid
               union select i.inhrelid from pg_inherits i join below on i.inhparent = below.inhrelid)
             select inhrelid::regclass::text from below where c.relkind in ('r', 'p')) as children,
       array(select distinct d.refobjid::regclass::text from pg_rewrite r join pg_depend d on d.objid = r.oid
              where r.ev_class = c.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid) as reads,
       (select array(select coalesce(attname::text, '') from unnest(partattrs::int2[]) with ordinality k (n, place)
                       left join pg_attribute on attrelid = c.oid and attnum = k.n order by place)
          from pg_partitioned_table where partrelid = c.oid) as key,
       (select nullif(partdefid, 0)::regclass::text from pg_partitioned_table where partrelid = c.oid) as default_partition,
       c.reltuples as rows
  from pg_class c
 where c.relnamespace = 'public'::regnamespace`;

const TYPES = `
select t.typname as name,
       case t.typtype when 'd' then 'domain' when 'e' then 'enum' when 'c' then 'composite' else 'range' end as kind,
       t.typnotnull or exists (select from pg_constraint where contypid = t.oid) as constrained,
       array(select attrelid::regclass::text from pg_attribute join pg_class c on c.oid = attrelid
              where atttypid = t.oid and c.relkind = 'r' and attnum > 0) as used_by
  from pg_type t
 where t.typnamespace = 'public'::regnamespace and t.typtype in ('d', 'e', 'c', 'r')
   and not exists (select from pg_class where reltype = t.oid and relkind <> 'c')`;
