import type { TableCondition } from '../../core/preflight/condition.ts';
import type { Session } from '../../ports/database.ts';

const TABLES = `
select c.oid::regclass::text as "table",
       case when not pg_has_role(c.relowner, 'usage') then pg_get_userbyid(c.relowner)::text end as owner,
       (select coalesce(jsonb_agg(i.indexrelid::regclass::text), '[]') from pg_index i
        where i.indrelid = c.oid and not i.indisvalid)::text as invalid,
       (select coalesce(jsonb_agg(t.tgname), '[]') from pg_trigger t
        where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled = 'D')::text as disabled,
       s.n_live_tup::float8 as live, s.n_dead_tup::float8 as dead
from (select distinct to_regclass(value) as oid from jsonb_array_elements_text(:tables::jsonb)) wanted
join pg_class c on c.oid = wanted.oid and c.relkind in ('r', 'p')
left join pg_stat_user_tables s on s.relid = c.oid
order by 1`;

/** Fewer rows than this are vacuumed in a moment. */
const FEW_ROWS = 10_000;

/** @param tables as in SQL; what is no table is left out */
export async function readTableConditions(
  session: Session,
  tables: readonly string[],
): Promise<readonly TableCondition[]> {
  const rows = await session.query(TABLES, { tables: JSON.stringify(tables) });
  return rows.map((row) => {
    const live = Number(row['live'] ?? 0);
    const dead = Number(row['dead'] ?? 0);
    return {
      table: String(row['table']),
      foreignOwner: row['owner'] === null ? undefined : String(row['owner']),
      invalidIndexes: JSON.parse(String(row['invalid'])) as string[],
      disabledTriggers: JSON.parse(String(row['disabled'])) as string[],
      deadShare: live + dead < FEW_ROWS ? undefined : dead / (live + dead),
    };
  });
}
