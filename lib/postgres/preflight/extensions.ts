import type { ExtensionNeed, ExtensionState } from '../../core/preflight/extension-needs.ts';
import type { Session } from '../../ports/database.ts';

/**
 * A trusted extension is created by whoever may create in the database; any other by a superuser,
 * on RDS also by members of rds_superuser.
 */
const STATES = `
select wanted.value as extension,
       exists (select from pg_extension e where e.extname = wanted.value) as installed,
       exists (select from pg_available_extensions a where a.name = wanted.value) as available,
       (select rolsuper from pg_roles where rolname = current_user)
       or exists (select from pg_roles r where r.rolname = 'rds_superuser' and pg_has_role(current_user, r.oid, 'usage'))
       or exists (select from pg_available_extension_versions v join pg_available_extensions a
                  on a.name = v.name and a.default_version = v.version
                  where v.name = wanted.value and v.trusted
                    and has_database_privilege(current_database(), 'create')) as allowed,
       (select coalesce(jsonb_agg(p.value), '[]') from jsonb_array_elements_text(:parts::jsonb) p
        where exists (select from pg_type where typname = p.value)
           or exists (select from pg_proc where proname = p.value)
           or exists (select from pg_opclass where opcname = p.value))::text as existing
from jsonb_array_elements_text(:extensions::jsonb) wanted`;

export async function readExtensions(
  session: Session,
  needs: readonly ExtensionNeed[],
): Promise<readonly ExtensionState[]> {
  if (needs.length === 0) return [];
  const extensions = [...new Set(needs.map(({ extension }) => extension))];
  const parts = [...new Set(needs.flatMap((need) => need.for?.name ?? []))];
  const rows = await session.query(STATES, {
    extensions: JSON.stringify(extensions),
    parts: JSON.stringify(parts),
  });
  return rows.map((row) => ({
    extension: String(row['extension']),
    installed: row['installed'] === true,
    available: row['available'] === true,
    allowed: row['allowed'] === true,
    existing: JSON.parse(String(row['existing'])) as string[],
  }));
}
