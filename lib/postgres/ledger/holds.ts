import { type EpochMs, type ExecutionId, epochMs } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';

export interface Hold {
  readonly since: EpochMs;
  /** Whether it began just now. */
  readonly begun: boolean;
}

/** Since when a phase waits before its first step; the first call of it says so. */
export async function holdSince(
  session: Session,
  executionId: ExecutionId,
  phase: string,
  now: EpochMs,
): Promise<Hold> {
  const [row] = await session.query(
    `insert into lockkeeper.holds as h (execution_id, phase, since_ms)
     values (:execution_id, :phase, :now::bigint)
     on conflict (execution_id, phase) do update set since_ms = h.since_ms
     returning since_ms::text as since`,
    { execution_id: executionId, phase, now },
  );
  const since = epochMs(Number(row?.['since'] ?? now));
  return { since, begun: since === now };
}
