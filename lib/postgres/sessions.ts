import type { PlannedLock } from '../core/plan/plan.ts';
import { conflictingModes } from '../core/sql/lock-conflicts.ts';
import type { Session } from '../ports/database.ts';

/** Somebody else's session that is in our way, or one of ours that still runs. */
export interface OtherSession {
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  /** Such as `idle in transaction`. */
  readonly state: string;
  /** Age of its transaction in whole seconds. */
  readonly transactionSeconds: number;
  /** The lock it holds on the relation, where that is why it is listed. */
  readonly holds: string | undefined;
}

const COLUMNS = `a.pid, coalesce(a.usename::text, '') as usename, coalesce(a.application_name, '') as application,
  coalesce(a.state, a.backend_type) as state,
  coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::int as seconds`;

/**
 * Who holds a lock that keeps one of these waiting, oldest transaction first, at most five.
 * The query text of other sessions is left out on purpose: it may contain their data.
 */
export async function lockHolders(
  session: Session,
  locks: readonly PlannedLock[],
): Promise<readonly OtherSession[]> {
  const found = new Map<number, OtherSession>();
  for (const lock of locks) {
    const rows = await session.query(
      `select ${COLUMNS}, l.mode as holds
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'relation' and l.granted
         and l.database = (select oid from pg_database where datname = current_database())
         and l.relation = to_regclass(:relation)
         and l.mode = any(string_to_array(:modes, ','))
         and a.pid <> pg_backend_pid()
       order by a.xact_start limit 5`,
      { relation: lock.relation, modes: conflictingModes(lock.mode).join(',') },
    );
    for (const row of rows) found.set(Number(row['pid']), toSession(row));
  }
  return [...found.values()]
    .sort((a, b) => b.transactionSeconds - a.transactionSeconds)
    .slice(0, 5);
}

/** Sessions whose current (or, when idle, last) statement carries our tag. */
export async function taggedSessions(
  session: Session,
  tag: string,
): Promise<readonly OtherSession[]> {
  const rows = await session.query(
    `select ${COLUMNS}, null::text as holds from pg_stat_activity a
     where a.datname = current_database() and a.pid <> pg_backend_pid()
       and position(:tag in a.query) > 0
       and (a.state = 'active' or a.state like 'idle in transaction%')`,
    { tag },
  );
  return rows.map(toSession);
}

/**
 * Ends our own earlier sessions, found by the tag in their statement: a function that was killed
 * may have left a statement running or a transaction open, and both would keep their locks.
 * @param which `idle in transaction` spares a statement that still runs and may finish well
 * @returns how many were told to end
 */
export async function terminateTagged(
  session: Session,
  tag: string,
  which: 'all' | 'idle in transaction',
): Promise<number> {
  const rows = await session.query(
    `select pg_terminate_backend(a.pid) as told from pg_stat_activity a
     where a.datname = current_database() and a.pid <> pg_backend_pid()
       and position(:tag in a.query) > 0
       and (a.state like 'idle in transaction%' or (a.state = 'active' and :which = 'all'))`,
    { tag, which },
  );
  return rows.length;
}

/** One line for a message: who it is and since when. */
export function describeSession(session: OtherSession): string {
  const application = session.application === '' ? '' : ` (${session.application})`;
  const holds = session.holds === undefined ? '' : `, holds ${session.holds}`;
  return `pid ${session.pid} of ${session.user}${application}, ${session.state} for ${session.transactionSeconds} s${holds}`;
}

function toSession(row: Readonly<Record<string, unknown>>): OtherSession {
  return {
    pid: Number(row['pid']),
    user: String(row['usename']),
    application: String(row['application']),
    state: String(row['state']),
    transactionSeconds: Number(row['seconds']),
    holds: row['holds'] === null ? undefined : String(row['holds']),
  };
}
