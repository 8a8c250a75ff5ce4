import type { CatalogView } from '../../core/sql/catalog.ts';
import type { SqlName } from '../../core/sql/sql-name.ts';
import type { Session } from '../../ports/database.ts';

export type Volatility = NonNullable<ReturnType<CatalogView['volatility']>>;

export interface StoredFunction {
  readonly schema: string;
  readonly name: string;
  /** Whether its name without a schema means it. */
  readonly visible: boolean;
  readonly volatility: Volatility;
}

/** `v`olatile sorts behind `s`table, and that behind `i`mmutable. */
const FUNCTIONS = `
with wanted as (
  select w ->> 'schema' as schema, w ->> 'name' as name from jsonb_array_elements(:names::jsonb) w
)
select n.nspname::text as schema, p.proname::text as name, bool_or(pg_function_is_visible(p.oid)) as visible,
       case max(p.provolatile::text) when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end as volatility
from wanted w join pg_proc p on p.proname = w.name join pg_namespace n on n.oid = p.pronamespace
where case when w.schema is null then pg_function_is_visible(p.oid) else n.nspname = w.schema end
group by n.nspname, p.proname`;

/** The named functions, PostgreSQL's own among them; of several with one name the most volatile. */
export async function readFunctions(
  session: Session,
  names: readonly SqlName[],
): Promise<readonly StoredFunction[]> {
  if (names.length === 0) return [];
  const rows = await session.query(FUNCTIONS, { names: JSON.stringify(names) });
  return rows.map((row) => ({
    schema: String(row['schema']),
    name: String(row['name']),
    visible: row['visible'] === true,
    volatility: row['volatility'] as Volatility,
  }));
}
