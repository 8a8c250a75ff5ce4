import type { PlannedLock } from '../core/plan/plan.ts';
import { conflictingModes } from '../core/sql/lock-conflicts.ts';
import { DatabaseError, type Session } from '../ports/database.ts';

/**
 * - `clear`: no autovacuum worker is in the way
 * - `cancelled`: one was, and was told to stop; it comes back by itself later
 * - `busy`: one is, and must not or could not be stopped
 */
export type AutovacuumAnswer = 'clear' | 'cancelled' | 'busy';

/**
 * Gets autovacuum out of the way of a strong lock. A table that was just backfilled is what
 * autovacuum works on, and PostgreSQL itself cancels a worker that blocks a lock request, but only
 * after deadlock_timeout (1 s), a second in which the whole application queues behind us. Asking
 * first costs nobody anything. A worker that prevents wraparound is left alone, as PostgreSQL does.
 */
export async function clearAutovacuum(
  session: Session,
  locks: readonly PlannedLock[],
): Promise<AutovacuumAnswer> {
  let answer: AutovacuumAnswer = 'clear';
  for (const lock of locks) {
    const workers = await session.query(
      `select a.pid, position('to prevent wraparound' in a.query) > 0 as wraparound
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'relation' and l.granted and a.backend_type = 'autovacuum worker'
         and l.relation = to_regclass(:relation)
         and l.mode = any(string_to_array(:modes, ','))`,
      { relation: lock.relation, modes: conflictingModes(lock.mode).join(',') },
    );
    for (const worker of workers) {
      if (worker['wraparound'] === true || !(await cancel(session, Number(worker['pid'])))) {
        return 'busy';
      }
      answer = 'cancelled';
    }
  }
  return answer;
}

/** False where our role may not: before PostgreSQL 17 that takes a superuser. */
async function cancel(session: Session, pid: number): Promise<boolean> {
  try {
    await session.query('select pg_cancel_backend(:pid::int) as told', { pid });
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === 'denied') return false;
    throw error;
  }
}
