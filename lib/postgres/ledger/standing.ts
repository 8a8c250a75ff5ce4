import type { ExecutionId, Fingerprint } from '../../core/ids.ts';
import type { Standing } from '../../core/restore/reconcile.ts';
import type { Session } from '../../ports/database.ts';

/** How each execution that a ledger knows stands in its database. */
export async function listStandings(
  session: Session,
): Promise<ReadonlyMap<ExecutionId, Exclude<Standing, 'absent'>>> {
  const rows = await session.query(
    `select e.execution_id, e.finished_at is not null as finished, m.status,
            (select count(*) from lockkeeper.steps s
             where s.execution_id = e.execution_id and s.state <> 'undone')::int as traces
     from lockkeeper.executions e
     left join lockkeeper.migrations m on m.execution_id = e.execution_id`,
  );
  return new Map(rows.map((row) => [row['execution_id'] as ExecutionId, standingOf(row)] as const));
}

/** Ends an execution of which nothing is in the database. */
export async function recordNothingDone(
  tx: Session,
  executionId: ExecutionId,
  fingerprint: Fingerprint,
): Promise<void> {
  await tx.execute(
    `update lockkeeper.executions set direction = 'back', finished_at = now()
     where execution_id = :execution_id`,
    { execution_id: executionId },
  );
  await tx.execute(
    `update lockkeeper.migrations
     set status = 'rolled-back', fingerprint_after = :fingerprint, changed_at = now()
     where execution_id = :execution_id and status = 'in-progress'`,
    { execution_id: executionId, fingerprint },
  );
}

function standingOf(row: Readonly<Record<string, unknown>>): Exclude<Standing, 'absent'> {
  if (row['finished'] === true) return row['status'] === 'applied' ? 'applied' : 'undone';
  return Number(row['traces']) > 0 ? 'half-way' : 'begun';
}
