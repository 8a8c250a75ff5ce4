import { likePattern, type OldApplication } from '../core/migration/old-application.ts';
import type { Session } from '../ports/database.ts';

/** Sessions of a version of the application that should be gone. */
export interface OldSessions {
  readonly count: number;
  /** A few of them, oldest first, such as `pid 71 of billing (billing-app-v1)`. */
  readonly some: readonly string[];
}

/** What a message can hold. */
const NAMED = 3;

/**
 * Who of them is connected to this database, at work or not: an idle session of a pool sends its
 * next statement any moment. Names and roles of sessions are visible to every role. A session of our
 * own role counts by its name only, or we would wait for ourselves.
 */
export async function oldSessions(session: Session, old: OldApplication): Promise<OldSessions> {
  const rows = await session.query(
    `select pid, coalesce(usename::text, '') as usename, coalesce(application_name, '') as application,
            count(*) over ()::int as total
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and (application_name like any (string_to_array(nullif(:names, ''), chr(10)))
            or (usename like any (string_to_array(nullif(:roles, ''), chr(10))) and usename <> current_user))
     order by backend_start nulls last, pid limit ${NAMED}`,
    { names: patterns(old.applicationNames), roles: patterns(old.roles) },
  );
  return {
    count: Number(rows[0]?.['total'] ?? 0),
    some: rows.map((row) => {
      const application = row['application'] === '' ? '' : ` (${String(row['application'])})`;
      return `pid ${String(row['pid'])} of ${String(row['usename'])}${application}`;
    }),
  };
}

/** One a line: the Data API has no arrays, and no such name has a line end in it. */
function patterns(names: readonly string[]): string {
  return names.map(likePattern).join('\n');
}
