import type { KeyValue } from '../../core/backfill/key.ts';
import { type Part, shareOf, splitAt } from '../../core/backfill/split.ts';
import { parseStage, type Stage, writeStage } from '../../core/backfill/stage.ts';
import type { StepId } from '../../core/ids.ts';
import type { TableName } from '../../core/plan/plan.ts';
import type { Database, Row, Session } from '../../ports/database.ts';
import { type Fence, requireFence } from '../ledger/fence.ts';
import { findLastKey, type Walk } from './boundary.ts';

/** What is counted, and known, of a backfill or of a part of it. */
export interface Tally {
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

/** What the target remembers about a part of a backfill between two batches. */
export interface Checkpoint extends Tally {
  /** From 0; a backfill with one worker has no other. */
  readonly part: number;
  /** Number of the last move, as text (bigint). */
  readonly revision: string;
  /** The partition that it is; undefined: the table itself. */
  readonly partition: TableName | undefined;
  /** A part begins between two windows, after the last key of the part before it. */
  readonly position: Stage;
  /** Its last key, in the last part that of when the backfill began; undefined when the table was empty. */
  readonly goal: KeyValue | undefined;
}

export type CheckpointReading =
  | { readonly kind: 'found'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'absent' }
  /** A newer runner has taken over. */
  | { readonly kind: 'fenced' };

/** At least one part, in the order of the key. */
export type CheckpointsReading =
  | { readonly kind: 'found'; readonly checkpoints: readonly [Checkpoint, ...Checkpoint[]] }
  | Exclude<CheckpointReading, { readonly kind: 'found' }>;

const READ = `select f.execution_id is not null as fence_is_ours, b.part, b.revision::text as revision,
    b.relation::text as relation, b.position::text as position, b.goal::text as goal,
    b.estimated_rows::text as estimated_rows,
    b.rows_moved::text as rows_moved, b.keys_walked::text as keys_walked,
    b.rows_quarantined::text as rows_quarantined, b.batch_rows, b.hot_plain, b.hot_strided, b.held_by,
    floor(extract(epoch from b.started_at) * 1000)::float8 as started_at_ms
  from (select 1) as one
  left join lockkeeper.fence f on f.execution_id = :execution_id and f.token = :token::bigint
  left join lockkeeper.backfills b on b.execution_id = :execution_id and b.step_id = :step_id
  order by b.part`;

/** The checkpoints of all parts. */
export async function readCheckpoints(
  session: Session,
  fence: Fence,
  stepId: StepId,
): Promise<CheckpointsReading> {
  const rows = await session.query(READ, {
    execution_id: fence.executionId,
    token: fence.token,
    step_id: stepId,
  });
  const [first, ...others] = rows;
  if (first === undefined || first['fence_is_ours'] !== true) return { kind: 'fenced' };
  if (first['revision'] === null) return { kind: 'absent' };
  return { kind: 'found', checkpoints: [toCheckpoint(first), ...others.map(toCheckpoint)] };
}

/** @param part @default 0, the only one of a backfill with one worker */
export async function readCheckpoint(
  session: Session,
  fence: Fence,
  stepId: StepId,
  part = 0,
): Promise<CheckpointReading> {
  const reading = await readCheckpoints(session, fence, stepId);
  if (reading.kind !== 'found') return reading;
  const checkpoint = reading.checkpoints.find((each) => each.part === part);
  return checkpoint === undefined ? { kind: 'absent' } : { kind: 'found', checkpoint };
}

/** What is known of the whole: counts are sums, what was learned of the target is kept in the first part. */
export function tallyOf(parts: readonly [Tally, ...Tally[]]): Tally {
  const sum = (count: (part: Tally) => number) =>
    parts.reduce((total, part) => total + count(part), 0);
  const [{ estimatedRows, batchRows, hotShare, heldBy, startedAtMs }] = parts;
  return {
    estimatedRows: estimatedRows < 0 ? estimatedRows : sum((part) => part.estimatedRows),
    rowsMoved: sum((part) => part.rowsMoved),
    keysWalked: sum((part) => part.keysWalked),
    rowsQuarantined: sum((part) => part.rowsQuarantined),
    batchRows,
    hotShare,
    heldBy,
    startedAtMs,
  };
}

/**
 * Writes the first checkpoint of each part, with the last key of now as the goal; does nothing when
 * there are any. The first part decides: a second runner that cut the table elsewhere waits for it.
 * @param cut the parts of the keys up to a goal. @default - one
 * @param first where the only part begins. @default - before the first key
 * @throws FencedError
 */
export async function createCheckpoint(
  database: Database,
  walk: Walk,
  fence: Fence,
  stepId: StepId,
  estimatedRows: number,
  cut: (goal: KeyValue) => Promise<readonly Part[]> = async (goal) => splitAt([], goal),
  first?: Stage,
): Promise<void> {
  const goal = await findLastKey(database, walk);
  const parts = goal === undefined ? [EMPTY] : await cut(goal);
  await database.transaction(async (tx) => {
    await requireFence(tx, fence);
    for (const [index, { after, through, partition }] of parts.entries()) {
      const position: Stage =
        through === undefined ? { kind: 'end' } : (first ?? { kind: 'between', after });
      const made = await tx.execute(INSERT, {
        execution_id: fence.executionId,
        step_id: stepId,
        part: index,
        position: writeStage(position),
        goal: through === undefined ? null : JSON.stringify(through),
        relation: partition === undefined ? null : JSON.stringify(partition.table),
        estimated_rows: String(
          partition?.estimatedRows ?? shareOf(estimatedRows, index, parts.length),
        ),
      });
      if (made === 0) return;
    }
  });
}

/** Of a table without rows. */
const EMPTY = { after: undefined, through: undefined, partition: undefined };

const INSERT = `insert into lockkeeper.backfills
    (execution_id, step_id, part, relation, position, goal, estimated_rows, finished_at)
  values (:execution_id, :step_id, :part::int4, :relation::jsonb, :position::jsonb, :goal::jsonb,
          :estimated_rows::bigint, case when :goal::jsonb is null then clock_timestamp() end)
  on conflict (execution_id, step_id, part) do nothing`;

/** What was observed and a later slice should know; not part of the cursor, and the same for all parts. */
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
     where execution_id = :execution_id and step_id = :step_id and part = 0
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
    part: Number(row['part']),
    revision: String(row['revision']),
    partition:
      row['relation'] === null ? undefined : (JSON.parse(String(row['relation'])) as TableName),
    position: parseStage(String(row['position'])),
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
