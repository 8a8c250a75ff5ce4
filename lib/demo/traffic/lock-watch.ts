import { setTimeout as sleep } from 'node:timers/promises';
import { APPLICATION_NAMES, WATCH_APPLICATION_NAME } from './application-names.ts';
import { connect, type Row, textOf } from './connection.ts';
import type { LockWait } from './traffic-report.ts';

/** A wait shorter than this may end unseen, and the longest may be longer by as much. */
const SAMPLE_MS = 100;

/** PostgreSQL notes when each wait began, so a sample gives the whole wait up to now. */
const WAITS = `
select a.application_name as waiter,
  extract(epoch from clock_timestamp() - l.waitstart) * 1000 as wait_ms,
  coalesce(l.relation::regclass::text, l.locktype) || ' ' || l.mode as lock,
  (select string_agg(distinct coalesce(nullif(b.application_name, ''), b.backend_type), ',')
   from pg_stat_activity b
   where b.pid = any (pg_blocking_pids(l.pid))) as blockers
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where not l.granted and l.waitstart is not null and a.datname = current_database()
  and a.application_name = any ($1)`;

/** Looks for sessions of the application that wait for a lock, until it is stopped. */
export interface LockWatch {
  stop(): Promise<void>;
}

/**
 * Watches from a connection of its own, so that a blocked application cannot block the watch.
 * @param onFailure the watch could not see; it has ended
 */
export async function watchLocks(
  connectionString: string,
  onWait: (wait: Omit<LockWait, 'phase'>) => void,
  onFailure: (message: string) => void,
): Promise<LockWatch> {
  const connection = await connect(connectionString, WATCH_APPLICATION_NAME);
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const { rows } = await connection.run('waits', WAITS, [Object.values(APPLICATION_NAMES)]);
      for (const row of rows) onWait(waitOf(row));
      await sleep(SAMPLE_MS);
    }
  })().catch((error: unknown) => onFailure(String(error)));
  return {
    stop: async () => {
      stopped = true;
      await watching;
      await connection.close();
    },
  };
}

function waitOf(row: Row): Omit<LockWait, 'phase'> {
  return {
    waiter: textOf(row, 'waiter'),
    waitMs: Number(textOf(row, 'wait_ms')),
    lock: textOf(row, 'lock'),
    blockedBy: (row['blockers'] ?? '').split(',').filter((name) => name !== ''),
  };
}
