import type { KeyValue } from '../../core/backfill/key.ts';
import type { ParityPass } from '../../core/backfill/parity.ts';
import {
  type Position,
  parsePosition,
  START,
  writePosition,
} from '../../core/backfill/position.ts';
import type { ExecutionId, StepId } from '../../core/ids.ts';
import type { Row, Session } from '../../ports/database.ts';
import type { Fence } from '../ledger/fence.ts';
import { findLastKey, type Walk } from './boundary.ts';
import { claimed, type ParityClaim } from './parity-statement.ts';

/** What the target remembers of one pass over a table. */
export interface ParityProgress {
  readonly revision: string;
  readonly position: Position;
  /** The last key when the pass began; undefined when the table was empty. */
  readonly goal: KeyValue | undefined;
  /** 1 for the first; a pass after a repair is another attempt. */
  readonly attempt: number;
  readonly compared: number;
  readonly different: number;
  /** Rows that were moved again, in all attempts. */
  readonly repaired: number;
  readonly digestsAgree: boolean;
  /** Keys of rows that differ, the first of them. */
  readonly examples: readonly KeyValue[];
  /** Since the pass ended, in milliseconds; undefined while it goes on. */
  readonly endedMsAgo: number | undefined;
}

const COLUMNS = `p.revision::text as revision, p.position::text as position, p.goal::text as goal,
  p.attempt, p.rows_compared::float8 as compared, p.rows_different::float8 as different,
  p.rows_repaired::float8 as repaired, p.digest_expected = p.digest_actual as agree,
  p.examples::text as examples,
  (extract(epoch from clock_timestamp() - p.finished_at) * 1000)::float8 as ended_ms_ago`;

/** @returns undefined when it has not begun */
export async function readParity(
  session: Session,
  { executionId }: Pick<Fence, 'executionId'>,
  stepId: StepId,
  pass: ParityPass,
): Promise<ParityProgress | undefined> {
  const [row] = await session.query(
    `select ${COLUMNS} from lockkeeper.parity p
     where p.execution_id = :execution_id and p.step_id = :step_id and p.pass = :pass`,
    { execution_id: executionId, step_id: stepId, pass },
  );
  return row === undefined ? undefined : toProgress(row);
}

/** From the beginning to the end of the passes of one kind over all tables, in milliseconds. */
export async function passMs(
  session: Session,
  executionId: ExecutionId,
  pass: ParityPass,
): Promise<number> {
  const [row] = await session.query(
    `select coalesce(extract(epoch from max(finished_at) - min(started_at)) * 1000, 0)::float8 as ms
     from lockkeeper.parity where execution_id = :execution_id and pass = :pass`,
    { execution_id: executionId, pass },
  );
  return Number(row?.['ms'] ?? 0);
}

/**
 * Begins a pass, or begins it anew: from the first key to the last one of now. Written only by who
 * holds the fence. @param attempt 1 forgets what was repaired before
 */
export async function beginParity(
  session: Session,
  walk: Walk,
  { fence, stepId, pass }: Omit<ParityClaim, 'revision'>,
  attempt: number,
): Promise<void> {
  const goal = await findLastKey(session, walk);
  const position: Position = goal === undefined ? { kind: 'end' } : START;
  await session.execute(
    `insert into lockkeeper.parity as p
       (execution_id, step_id, pass, attempt, position, goal, finished_at)
     select :execution_id, :step_id, :pass, :attempt::int4, :position::jsonb, :goal::jsonb,
            case when :goal::jsonb is null then clock_timestamp() end
     from lockkeeper.fence f where f.execution_id = :execution_id and f.token = :token::bigint
     on conflict (execution_id, step_id, pass) do update
       set attempt = excluded.attempt, position = excluded.position, goal = excluded.goal,
           revision = p.revision + 1, rows_compared = 0, rows_different = 0,
           rows_repaired = case when excluded.attempt = 1 then 0 else p.rows_repaired end,
           digest_expected = 0, digest_actual = 0, examples = '[]', work_ms = 0,
           started_at = clock_timestamp(), updated_at = clock_timestamp(),
           finished_at = excluded.finished_at`,
    {
      execution_id: fence.executionId,
      step_id: stepId,
      pass,
      attempt,
      position: writePosition(position),
      goal: goal === undefined ? null : JSON.stringify(goal),
      token: fence.token,
    },
  );
}

/** Notes the keys of rows that differ, so that they can be listed. */
export async function noteExamples(
  session: Session,
  claim: ParityClaim,
  examples: readonly KeyValue[],
): Promise<void> {
  await session.execute(
    `update lockkeeper.parity as p set examples = :examples::jsonb where ${claimed(claim)}`,
    { examples: JSON.stringify(examples) },
  );
}

/** What a pass in one snapshot has counted; digests as texts. */
export interface ParityCount {
  readonly compared: number;
  readonly expected: bigint;
  readonly actual: bigint;
}

/** Ends a pass that found every row right, in one snapshot. Does nothing when somebody has moved it. */
export async function endClean(
  session: Session,
  claim: ParityClaim,
  { compared, expected, actual }: ParityCount,
): Promise<void> {
  await session.execute(
    `update lockkeeper.parity as p
     set revision = p.revision + 1, position = '{"kind":"end"}', finished_at = clock_timestamp(),
         rows_compared = :compared::int8, digest_expected = :expected::numeric,
         digest_actual = :actual::numeric, updated_at = clock_timestamp(),
         work_ms = extract(epoch from clock_timestamp() - p.started_at) * 1000
     where ${claimed(claim)}`,
    { compared: String(compared), expected: String(expected), actual: String(actual) },
  );
}

/** To be called inside the transaction of the repair. */
export async function countRepaired(
  tx: Session,
  { fence, stepId, pass }: Omit<ParityClaim, 'revision'>,
  rows: number,
): Promise<void> {
  await tx.execute(
    `update lockkeeper.parity set rows_repaired = rows_repaired + :rows::int8
     where execution_id = :execution_id and step_id = :step_id and pass = :pass`,
    { rows: String(rows), execution_id: fence.executionId, step_id: stepId, pass },
  );
}

function toProgress(row: Row): ParityProgress {
  const ended = row['ended_ms_ago'];
  return {
    revision: String(row['revision']),
    position: parsePosition(String(row['position'])),
    goal: row['goal'] === null ? undefined : (JSON.parse(String(row['goal'])) as KeyValue),
    attempt: Number(row['attempt']),
    compared: Number(row['compared']),
    different: Number(row['different']),
    repaired: Number(row['repaired']),
    digestsAgree: row['agree'] === true,
    examples: JSON.parse(String(row['examples'])) as readonly KeyValue[],
    endedMsAgo: typeof ended === 'number' ? ended : undefined,
  };
}
