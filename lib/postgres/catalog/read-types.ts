import type { TypeFacts } from '../../core/sql/catalog.ts';
import type { SqlName } from '../../core/sql/sql-name.ts';
import type { Session } from '../../ports/database.ts';

export interface StoredType {
  readonly schema: string;
  readonly name: string;
  /** Whether its name without a schema means it. */
  readonly visible: boolean;
  readonly facts: TypeFacts;
}

/**
 * One row for each table that uses a type, and one for a type that nobody uses. A domain is
 * constrained by its base domains too, and used where a domain made of it is. Tables and
 * materialized views store values; these are what ALTER DOMAIN locks.
 */
const TYPES = `
with recursive wanted as (
  select w ->> 'schema' as schema, w ->> 'name' as name from jsonb_array_elements(:names::jsonb) w
), found as (
  select distinct t.oid, t.typname, t.typtype, n.nspname, pg_type_is_visible(t.oid) as visible
  from wanted w join pg_type t on t.typname = w.name join pg_namespace n on n.oid = t.typnamespace
  where case when w.schema is null then pg_type_is_visible(t.oid) else n.nspname = w.schema end
    and n.nspname <> 'pg_catalog'
    and (t.typrelid = 0 or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
), bases(root, oid) as (
  select oid, oid from found
  union
  select b.root, t.typbasetype from bases b join pg_type t on t.oid = b.oid and t.typbasetype <> 0
), derived(root, oid) as (
  select oid, oid from found
  union
  select d.root, t.oid from derived d join pg_type t on t.typbasetype = d.oid
), users as (
  select distinct d.root, c.oid, c.relname, n.nspname
  from derived d join pg_attribute a on a.atttypid = d.oid and a.attnum > 0 and not a.attisdropped
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'm')
  join pg_namespace n on n.oid = c.relnamespace
)
select f.nspname::text as schema, f.typname::text as name, f.visible,
       case f.typtype when 'd' then 'domain' when 'e' then 'enum' when 'c' then 'composite'
                      when 'r' then 'range' when 'm' then 'range' else 'base' end as kind,
       exists (select from bases b join pg_type t on t.oid = b.oid
               where b.root = f.oid and t.typtype = 'd'
                 and (t.typnotnull or exists (select from pg_constraint where contypid = t.oid))) as constrained,
       (case when not pg_table_is_visible(u.oid) then u.nspname end)::text as user_schema,
       u.relname::text as user_name
from found f left join users u on u.root = f.oid
order by f.oid, u.relname`;

/** The named types that PostgreSQL does not bring along. */
export async function readTypes(
  session: Session,
  names: readonly SqlName[],
): Promise<readonly StoredType[]> {
  if (names.length === 0) return [];
  const rows = await session.query(TYPES, { names: JSON.stringify(names) });
  const users = Map.groupBy(rows, (row) => JSON.stringify([row['schema'], row['name']]));
  return [...users.values()].flatMap((of) => {
    const [row] = of;
    if (row === undefined) return [];
    const usedBy = of.flatMap(({ user_schema: schema, user_name: name }) =>
      typeof name === 'string'
        ? [{ schema: schema === null ? undefined : String(schema), name }]
        : [],
    );
    return [
      {
        schema: String(row['schema']),
        name: String(row['name']),
        visible: row['visible'] === true,
        facts: {
          kind: row['kind'] as TypeFacts['kind'],
          constrained: row['constrained'] === true,
          usedBy,
        },
      },
    ];
  });
}
