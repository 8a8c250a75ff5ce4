import type { CountedStatement } from '../../core/activity/find-users.ts';
import { type EpochMs, type ExecutionId, epochMs } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';

/** What the last look found. */
export interface StatementSample {
  /** By the id of the statement. */
  readonly calls: ReadonlyMap<string, number>;
  /** When one of them was last seen to have run since a look. */
  readonly lastRun: EpochMs;
}

/** Takes the place of the sample before. */
export async function recordStatements(
  tx: Session,
  executionId: ExecutionId,
  statements: readonly CountedStatement[],
  lastRun: number,
): Promise<void> {
  await tx.execute('delete from lockkeeper.counted_statements where execution_id = :execution_id', {
    execution_id: executionId,
  });
  const sample = new Map(statements.map(({ id, calls }) => [id, calls]));
  await tx.execute(
    `insert into lockkeeper.counted_statements (execution_id, statement_id, calls)
     select :execution_id, key, value::bigint from jsonb_each_text(:sample::jsonb)`,
    {
      execution_id: executionId,
      sample: JSON.stringify({ ...Object.fromEntries(sample), '': Math.round(lastRun) }),
    },
  );
}

/** Undefined: nobody looked yet. */
export async function lastStatements(
  session: Session,
  executionId: ExecutionId,
): Promise<StatementSample | undefined> {
  const rows = await session.query(
    'select statement_id, calls::text as calls from lockkeeper.counted_statements where execution_id = :execution_id',
    { execution_id: executionId },
  );
  if (rows.length === 0) return undefined;
  const calls = new Map(rows.map((row) => [String(row['statement_id']), Number(row['calls'])]));
  return { calls, lastRun: epochMs(calls.get('') ?? 0) };
}
