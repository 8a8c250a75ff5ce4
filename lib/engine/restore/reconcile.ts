import type { Execution } from '../../core/executions/execution.ts';
import { describeSource } from '../../core/restore/order.ts';
import { type Correction, correctionOf, type Standing } from '../../core/restore/reconcile.ts';
import { done, type Outcome } from '../../core/workflow/outcome.ts';
import type { Database } from '../../ports/database.ts';
import { fingerprint } from '../../postgres/fingerprint.ts';
import { hasLedger } from '../../postgres/ledger/bootstrap.ts';
import { requireFence } from '../../postgres/ledger/fence.ts';
import { listStandings, recordNothingDone } from '../../postgres/ledger/standing.ts';
import { journal } from '../context.ts';
import { failed, isReconciled, type SqlContext, showActivity } from './context.ts';
import { inDatabase, takeFence } from './fencing.ts';

/** More executions than a target sees in years; older ones have nothing to do with it any more. */
const REMEMBERED = 1_000;

/**
 * Makes the records true again after the database went back in time: each execution of the target
 * whose record contradicts what the database holds now is corrected, and the ledger forgets what
 * had begun and done nothing. An execution that is half way in the database gets the lease, so that
 * the next thing to happen is that it is taken back.
 */
export async function reconcileRecords(context: SqlContext): Promise<Outcome> {
  if (!context.order.takeOver || (await isReconciled(context))) return done;
  await showActivity(context, 'reconcile the records with the restored ledger');
  return inDatabase(context, context.order.names.original, (database) =>
    reconcileWith(context, database),
  );
}

async function reconcileWith(context: SqlContext, database: Database): Promise<Outcome> {
  const known = await hasLedger(database);
  const standings = known ? await listStandings(database) : new Map<string, Standing>();
  const fence = known ? await takeFence(context, database) : undefined;
  if (known && fence === undefined) return failed(`the lease of ${context.target} was lost`);
  const executions = await context.control.listExecutions({
    target: context.target,
    limit: REMEMBERED,
  });
  const corrected: Record<string, string> = {};
  for (const execution of executions) {
    const standing = standings.get(execution.executionId) ?? 'absent';
    const correction = correctionOf(execution.status, standing);
    if (correction === 'keep') continue;
    if (correction === 'end' && fence !== undefined) {
      const after = await fingerprint(database);
      await database.transaction(async (tx) => {
        await requireFence(tx, fence);
        await recordNothingDone(tx, execution.executionId, after);
      });
    }
    await correct(context, execution, correction);
    corrected[execution.executionId] = correction;
  }
  await handOver(context, corrected);
  await journal(context, 'LedgerReconciled', { facts: corrected });
  return done;
}

async function correct(
  context: SqlContext,
  execution: Execution,
  correction: Exclude<Correction, 'keep'>,
): Promise<void> {
  const { executionId, order, clock } = context;
  const reason = `restore ${executionId} took the database back to ${describeSource(order.source)}, where ${WHAT_IS_THERE[correction]}`;
  // Corrected before, by a run that was cut off.
  if (execution.reason === reason) return;
  const status = STATUS[correction];
  await context.control.changeExecution(execution.executionId, {
    status,
    activity: status.replaceAll('-', ' '),
    reason,
    finishedAt: correction === 'reopen' ? null : clock.now(),
  });
  await journal(
    { ...context, executionId: execution.executionId, migrationId: execution.migrationId },
    'LedgerReconciled',
    { reason, facts: { restore: executionId, was: execution.status, is: status } },
  );
}

const STATUS = {
  end: 'rolled-back',
  undone: 'rolled-back',
  reopen: 'restored',
  applied: 'succeeded',
} as const satisfies Record<Exclude<Correction, 'keep'>, Execution['status']>;

const WHAT_IS_THERE: Readonly<Record<Exclude<Correction, 'keep'>, string>> = {
  end: 'nothing of it is applied',
  undone: 'it is not applied',
  reopen: 'it is half way: steps of it are applied and the rest is not',
  applied: 'it is applied',
};

/** What is half way keeps everybody else from the target until a person takes it back. */
async function handOver(
  { control, target, executionId, clock }: SqlContext,
  corrected: Readonly<Record<string, string>>,
): Promise<void> {
  const [reopened] = Object.entries(corrected).find(([, kind]) => kind === 'reopen') ?? [];
  if (reopened === undefined) return;
  await control.takeOverLease(
    target,
    executionId,
    reopened as Execution['executionId'],
    clock.now(),
  );
}
