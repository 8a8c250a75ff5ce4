import type { Database } from '../../ports/database.ts';
import { hasLedger } from '../../postgres/ledger/bootstrap.ts';
import { adoptFence, type Fence, storedFence } from '../../postgres/ledger/fence.ts';
import type { SqlContext } from './context.ts';

/**
 * A token larger than every one that either store knows: whoever held one before can write no more.
 * Says explicitly that it writes, because the old database is read-only when this is repeated.
 * @returns undefined where there is no ledger, and so no runner, or the lease is not ours
 */
export async function takeFence(
  context: SqlContext,
  database: Database,
): Promise<Fence | undefined> {
  if (!(await hasLedger(database))) return undefined;
  const { control, target, executionId } = context;
  const stored = await storedFence(database);
  const token = await control.nextFencingToken(target, executionId, stored?.token);
  if (token === undefined) return undefined;
  const fence: Fence = { executionId, token };
  await database.transaction(async (tx) => {
    await tx.execute('set transaction read write');
    await adoptFence(tx, fence);
  });
  return fence;
}

/** Opens the target's database in a cluster for as long as the work takes. */
export async function inDatabase<T>(
  context: SqlContext,
  cluster: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = context.connect(cluster);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
