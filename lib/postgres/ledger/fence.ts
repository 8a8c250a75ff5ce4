import type { ExecutionId, FencingToken } from '../../core/ids.ts';
import { fencingToken } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';

/** Who may write, and the proof of it. */
export interface Fence {
  readonly executionId: ExecutionId;
  readonly token: FencingToken;
}

/** A newer runner has taken over; this one must stop without writing anything more. */
export class FencedError extends Error {
  readonly fence: Fence;

  constructor(fence: Fence) {
    super(
      `execution ${fence.executionId} no longer holds the fence with token ${fence.token}: a newer runner took over`,
    );
    this.name = 'FencedError';
    this.fence = fence;
  }
}

/**
 * Raises the stored token to ours. Waits for a transaction that still holds the old one.
 * @throws FencedError when a newer token is stored already
 */
export async function adoptFence(session: Session, fence: Fence): Promise<void> {
  const adopted = await session.execute(
    `insert into lockkeeper.fence as f (execution_id, token)
     values (:execution_id, :token::bigint)
     on conflict (singleton) do update
       set execution_id = excluded.execution_id, token = excluded.token
       where f.token < excluded.token
          or (f.token = excluded.token and f.execution_id = excluded.execution_id)`,
    { execution_id: fence.executionId, token: fence.token },
  );
  if (adopted !== 1) throw new FencedError(fence);
}

/**
 * To be called first in every transaction that writes. The row lock lives until the commit, so
 * nobody can adopt a newer token before what this transaction does is decided.
 * @throws FencedError
 */
export async function requireFence(tx: Session, fence: Fence): Promise<void> {
  const rows = await tx.query(
    `select 1 as held from lockkeeper.fence
     where execution_id = :execution_id and token = :token::bigint
     for share`,
    { execution_id: fence.executionId, token: fence.token },
  );
  if (rows.length !== 1) throw new FencedError(fence);
}

/** The token stored in the target, for messages and tests. */
export async function storedFence(session: Session): Promise<Fence | undefined> {
  const [row] = await session.query(
    'select execution_id, token::text as token from lockkeeper.fence',
  );
  if (row === undefined) return undefined;
  return {
    executionId: row['execution_id'] as ExecutionId,
    token: fencingToken(Number(row['token'])),
  };
}
