import type { TableCondition } from '../../core/preflight/condition.ts';
import type { TableNeed } from '../../core/preflight/table-needs.ts';
import type { Session } from '../../ports/database.ts';

/** A column privilege counts: which columns a statement names is for the server to say. */
const TABLES = `
select c.oid::regclass::text as "table",
       case when wanted.needs @> '"own"' and not pg_has_role(c.relowner, 'usage')
            then pg_get_userbyid(c.relowner)::text end as owner,
       (select coalesce(jsonb_agg(need order by need), '[]') from jsonb_array_elements_text(wanted.needs) as n(need)
        where case need when 'own' then false
              when 'trigger' then not has_table_privilege(c.oid, 'trigger')
              else not has_any_column_privilege(c.oid, need) end)::text as lacking,
       (select coalesce(jsonb_agg(i.indexrelid::regclass::text), '[]') from pg_index i
        where i.indrelid = c.oid and not i.indisvalid)::text as invalid,
       (select coalesce(jsonb_agg(t.tgname), '[]') from pg_trigger t
        where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled = 'D')::text as disabled,
       coalesce((select option_value from pg_options_to_table(c.reloptions)
                 where option_name = 'autovacuum_enabled')::boolean, true) as autovacuum,
       exists (select from pg_stat_progress_vacuum v join pg_stat_activity a on a.pid = v.pid
               where v.relid = c.oid and v.datname = current_database()
                 and position('to prevent wraparound' in a.query) > 0) as wraparound_vacuum,
       case when c.relfrozenxid = '0'::xid then 0 else
         age(c.relfrozenxid)::float8 / current_setting('autovacuum_freeze_max_age')::float8 end as freeze_share,
       s.n_live_tup::float8 as live, s.n_dead_tup::float8 as dead
from (select to_regclass(value ->> 'table')::oid as oid, value -> 'needs' as needs
      from jsonb_array_elements(:tables::jsonb)) wanted
join pg_class c on c.oid = wanted.oid and c.relkind in ('r', 'p')
left join pg_stat_user_tables s on s.relid = c.oid
order by 1`;

/** Fewer rows than this are vacuumed in a moment. */
const FEW_ROWS = 10_000;

/** @param tables what is no table is left out */
export async function readTableConditions(
  session: Session,
  tables: readonly TableNeed[],
): Promise<readonly TableCondition[]> {
  const rows = await session.query(TABLES, { tables: JSON.stringify(tables) });
  return rows.map((row) => {
    const live = Number(row['live'] ?? 0);
    const dead = Number(row['dead'] ?? 0);
    return {
      table: String(row['table']),
      foreignOwner: row['owner'] === null ? undefined : String(row['owner']),
      lacking: JSON.parse(String(row['lacking'])) as string[],
      invalidIndexes: JSON.parse(String(row['invalid'])) as string[],
      disabledTriggers: JSON.parse(String(row['disabled'])) as string[],
      deadShare: live + dead < FEW_ROWS ? undefined : dead / (live + dead),
      autovacuum: row['autovacuum'] === true,
      wraparoundVacuum: row['wraparound_vacuum'] === true,
      freezeShare: Number(row['freeze_share']),
    };
  });
}
