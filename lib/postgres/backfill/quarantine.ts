import type { KeyValue } from '../../core/backfill/key.ts';
import type { EpochMs, ExecutionId, StepId } from '../../core/ids.ts';
import type { Row, Session } from '../../ports/database.ts';
import type { QuarantineReason } from './batch-statement.ts';

/** A row that could not be moved. */
export interface SetAside {
  readonly stepId: StepId;
  readonly key: KeyValue;
  readonly why: QuarantineReason;
  readonly setAsideAtMs: number;
}

/** Oldest first. */
export async function listQuarantine(
  session: Session,
  executionId: ExecutionId,
  limit: number,
): Promise<readonly SetAside[]> {
  const rows = await session.query(
    `select step_id, key::text as key, sqlstate, message,
       floor(extract(epoch from set_aside_at) * 1000)::float8 as at
     from lockkeeper.quarantine where execution_id = :execution_id
     order by set_aside_at, step_id, key limit :limit::int4`,
    { execution_id: executionId, limit },
  );
  return rows.map(toSetAside);
}

/** @param after only those that were set aside later. @default - all */
export async function countQuarantine(
  session: Session,
  executionId: ExecutionId,
  after?: EpochMs,
): Promise<number> {
  const [row] = await session.query(
    `select count(*)::float8 as rows from lockkeeper.quarantine
     where execution_id = :execution_id and set_aside_at > to_timestamp(:after::float8 / 1000)`,
    { execution_id: executionId, after: after ?? 0 },
  );
  return Number(row?.['rows']);
}

interface QuarantinedRow {
  readonly executionId: ExecutionId;
  readonly stepId: StepId;
  readonly key: KeyValue;
}

/**
 * Takes a row out of quarantine; belongs in the transaction that moves it. The checkpoints of all
 * parts are locked first, as a batch does with its own, so that the two cannot wait for each other.
 * @returns false when somebody else has done so
 */
export async function takeOut(tx: Session, row: QuarantinedRow): Promise<boolean> {
  const at = { execution_id: row.executionId, step_id: row.stepId };
  await tx.query(
    `select 1 as held from lockkeeper.backfills
     where execution_id = :execution_id and step_id = :step_id for no key update`,
    at,
  );
  const deleted = await tx.execute(
    `delete from lockkeeper.quarantine
     where execution_id = :execution_id and step_id = :step_id and key = :key::jsonb`,
    { ...at, key: JSON.stringify(row.key) },
  );
  return deleted === 1;
}

/**
 * Counts what `takeOut` and the work did; in their transaction. In which part the row was is not kept:
 * any with a row set aside is right, because only the sums of all parts are read.
 */
export async function countTakenOut(
  tx: Session,
  { executionId, stepId }: QuarantinedRow,
  moved: number,
): Promise<void> {
  await tx.execute(
    `update lockkeeper.backfills
     set rows_quarantined = rows_quarantined - 1, rows_moved = rows_moved + :moved::int4
     where ctid = (select ctid from lockkeeper.backfills
                   where execution_id = :execution_id and step_id = :step_id
                   order by rows_quarantined desc limit 1)`,
    { execution_id: executionId, step_id: stepId, moved },
  );
}

/** Why it cannot be moved now; when it was set aside stays, and who accepted it. */
export async function noteReason(
  session: Session,
  row: QuarantinedRow,
  why: QuarantineReason,
): Promise<void> {
  await session.execute(
    `update lockkeeper.quarantine set sqlstate = :sqlstate, message = :message
     where execution_id = :execution_id and step_id = :step_id and key = :key::jsonb`,
    {
      execution_id: row.executionId,
      step_id: row.stepId,
      key: JSON.stringify(row.key),
      sqlstate: why.sqlstate ?? null,
      message: why.message,
    },
  );
}

function toSetAside(row: Row): SetAside {
  const sqlstate = row['sqlstate'];
  return {
    stepId: String(row['step_id']) as StepId,
    key: JSON.parse(String(row['key'])) as KeyValue,
    why: {
      sqlstate: typeof sqlstate === 'string' ? sqlstate : undefined,
      message: String(row['message']),
    },
    setAsideAtMs: Number(row['at']),
  };
}
