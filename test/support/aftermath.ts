import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Connection } from '../../lib/cli/connection.ts';
import { type ExecutionStatus, isFinished } from '../../lib/core/executions/execution.ts';
import type { ExecutionId } from '../../lib/core/ids.ts';

/** What is left of an execution: in the control store, and in the ledger of its target. */
export interface Aftermath {
  readonly status: ExecutionStatus;
  readonly reason: string | undefined;
  /** The execution's migration in the ledger; undefined: the ledger knows nothing of it. */
  readonly ledger: 'in-progress' | 'applied' | 'rolled-back' | undefined;
  /** Which execution holds the target. */
  readonly lease: ExecutionId | undefined;
}

/** Letting go of the lease is one write after the status; a busy machine may take a while to it. */
const LAST_ACT_MS = 10_000;

export async function aftermathOf(
  { control, target }: Connection,
  pool: pg.Pool,
  executionId: ExecutionId,
): Promise<Aftermath> {
  const execution = await control.getExecution(executionId);
  if (execution === undefined) throw new Error(`there is no execution ${executionId}`);
  const holder = async () => (await control.getLease(target.name))?.executionId;
  const giveUpAt = Date.now() + LAST_ACT_MS;
  while (isFinished(execution.status) && (await holder()) === executionId) {
    if (Date.now() > giveUpAt) break;
    await sleep(50);
  }
  return {
    status: execution.status,
    reason: execution.reason,
    ledger: await ledgerStatus(pool, executionId),
    lease: await holder(),
  };
}

async function ledgerStatus(pool: pg.Pool, executionId: ExecutionId): Promise<Aftermath['ledger']> {
  const { rows: schemas } = await pool.query<{ found: boolean }>(
    `select to_regclass('lockkeeper.migrations') is not null as found`,
  );
  if (schemas[0]?.found !== true) return undefined;
  const { rows } = await pool.query<{ status: Exclude<Aftermath['ledger'], undefined> }>(
    'select status from lockkeeper.migrations where execution_id = $1',
    [executionId],
  );
  return rows[0]?.status;
}
