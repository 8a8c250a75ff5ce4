import type { KeyValue } from '../../core/backfill/key.ts';
import {
  type Position,
  parsePosition,
  START,
  writePosition,
} from '../../core/backfill/position.ts';
import type { StepId } from '../../core/ids.ts';
import type { Database, Row, Session } from '../../ports/database.ts';
import { type Fence, requireFence } from '../ledger/fence.ts';
import { findLastKey, type Walk } from './boundary.ts';

/** What the target remembers about a backfill between two batches. */
export interface Checkpoint {
  /** Number of the last move, as text (bigint). */
  readonly revision: string;
  readonly position: Position;
  /** The last key when the backfill began; undefined when the table was empty. */
  readonly goal: KeyValue | undefined;
  /** -1 when it was not known. */
  readonly estimatedRows: number;
  readonly rowsMoved: number;
  /** Keys that were passed; an estimate when the work has a condition of its own. */
  readonly keysWalked: number;
  readonly rowsQuarantined: number;
  /** Where sizing had arrived. */
  readonly batchRows: number | undefined;
  readonly hotShare: { readonly plain: number | undefined; readonly strided: number | undefined };
  /** Why the throttle held batches back when it was last asked. */
  readonly heldBy: string | undefined;
  readonly startedAtMs: number;
}

export type CheckpointReading =
  | { readonly kind: 'found'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'absent' }
  /** A newer runner has taken over. */
  | { readonly kind: 'fenced' };

const READ = `select f.execution_id is not null as fence_is_ours, b.revision::text as revision,
    b.position::text as position, b.goal::text as goal, b.estimated_rows::text as estimated_rows,
    b.rows_moved::text as rows_moved, b.keys_walked::text as keys_walked,
    b.rows_quarantined::text as rows_quarantined, b.batch_rows, b.hot_plain, b.hot_strided, b.held_by,
    floor(extract(epoch from b.started_at) * 1000)::float8 as started_at_ms
  from (select 1) as one
  left join lockkeeper.fence f on f.execution_id = :execution_id and f.token = :token::bigint
  left join lockkeeper.backfills b on b.execution_id = :execution_id and b.step_id = :step_id`;

export async function readCheckpoint(
  session: Session,
  fence: Fence,
  stepId: StepId,
): Promise<CheckpointReading> {
  const [row] = await session.query(READ, {
    execution_id: fence.executionId,
    token: fence.token,
    step_id: stepId,
  });
  if (row === undefined || row['fence_is_ours'] !== true) return { kind: 'fenced' };
  return row['revision'] === null
    ? { kind: 'absent' }
    : { kind: 'found', checkpoint: toCheckpoint(row) };
}

/**
 * Writes the first checkpoint, with the last key of now as the goal; does nothing when there is one.
 * @throws FencedError
 */
export async function createCheckpoint(
  database: Database,
  walk: Walk,
  fence: Fence,
  stepId: StepId,
  estimatedRows: number,
): Promise<void> {
  const goal = await findLastKey(database, walk);
  const position: Position = goal === undefined ? { kind: 'end' } : START;
  await database.transaction(async (tx) => {
    await requireFence(tx, fence);
    await tx.execute(
      `insert into lockkeeper.backfills
         (execution_id, step_id, position, goal, estimated_rows, finished_at)
       values (:execution_id, :step_id, :position::jsonb, :goal::jsonb, :estimated_rows::bigint,
               case when :goal::jsonb is null then clock_timestamp() end)
       on conflict (execution_id, step_id) do nothing`,
      {
        execution_id: fence.executionId,
        step_id: stepId,
        position: writePosition(position),
        goal: goal === undefined ? null : JSON.stringify(goal),
        estimated_rows: String(estimatedRows),
      },
    );
  });
}

/** What was observed and a later slice should know; not part of the cursor. */
export interface Observations {
  readonly hotShare: Checkpoint['hotShare'];
  readonly heldBy: string | undefined;
}

export async function recordObservations(
  session: Session,
  fence: Fence,
  stepId: StepId,
  { hotShare, heldBy }: Observations,
): Promise<void> {
  await session.execute(
    `update lockkeeper.backfills
     set hot_plain = :hot_plain::float8, hot_strided = :hot_strided::float8, held_by = :held_by::text
     where execution_id = :execution_id and step_id = :step_id
       and exists (select from lockkeeper.fence f
                   where f.execution_id = :execution_id and f.token = :token::bigint)`,
    {
      hot_plain: hotShare.plain ?? null,
      hot_strided: hotShare.strided ?? null,
      held_by: heldBy ?? null,
      execution_id: fence.executionId,
      step_id: stepId,
      token: fence.token,
    },
  );
}

function toCheckpoint(row: Row): Checkpoint {
  return {
    revision: String(row['revision']),
    position: parsePosition(String(row['position'])),
    goal: row['goal'] === null ? undefined : (JSON.parse(String(row['goal'])) as KeyValue),
    estimatedRows: Number(row['estimated_rows']),
    rowsMoved: Number(row['rows_moved']),
    keysWalked: Number(row['keys_walked']),
    rowsQuarantined: Number(row['rows_quarantined']),
    batchRows: optionalNumber(row['batch_rows']),
    hotShare: {
      plain: optionalNumber(row['hot_plain']),
      strided: optionalNumber(row['hot_strided']),
    },
    heldBy: typeof row['held_by'] === 'string' ? row['held_by'] : undefined,
    startedAtMs: Number(row['started_at_ms']),
  };
}

function optionalNumber(cell: Row[string] | undefined): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}
