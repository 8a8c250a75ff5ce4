import type { Session } from '../../ports/database.ts';
import type { Fence } from '../ledger/fence.ts';

/**
 * Writes one row and commits, to see how long that takes. The row is the execution's own, so nothing
 * waits for it, and always on the same page; it is not the checkpoint's, which a running batch holds.
 * @param tag of our own statements, which are not counted among those of others
 * @returns whether anything was written: nothing is once a newer runner has taken over
 */
export async function beatPulse(session: Session, fence: Fence, tag: string): Promise<boolean> {
  const written = await session.execute(
    `/* ${tag} */ insert into lockkeeper.pulse as p (execution_id, beats, beaten_at)
     select f.execution_id, 1, clock_timestamp() from lockkeeper.fence as f
     where f.execution_id = :execution_id and f.token = :token::bigint
     on conflict (execution_id) do update set beats = p.beats + 1, beaten_at = excluded.beaten_at`,
    { execution_id: fence.executionId, token: fence.token },
  );
  return written > 0;
}
