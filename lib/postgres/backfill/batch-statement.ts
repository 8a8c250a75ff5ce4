import type { Batch, BoundarySearch } from '../../core/backfill/batch.ts';
import { keyTexts } from '../../core/backfill/key.ts';
import { writePosition } from '../../core/backfill/position.ts';
import { rangePredicate } from '../../core/backfill/range.ts';
import { quoteLiteral, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { StepId } from '../../core/ids.ts';
import type { Fence } from '../ledger/fence.ts';
import { boundaryQuery, type Walk } from './boundary.ts';
import type { Work } from './work.ts';

/** Whose checkpoint a batch moves, and from where. */
export interface CheckpointClaim {
  readonly fence: Fence;
  readonly stepId: StepId;
  /** The part of the worker, from 0. */
  readonly part: number;
  /** The revision that was read; the batch fails unless it is still the current one. */
  readonly revision: string;
}

export interface BatchOptions {
  /** Longest wait for one row lock of somebody else, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** Size for the next call to start with; undefined leaves the stored one. */
  readonly batchRows: number | undefined;
  /** A look ahead that saves the next batch its own search. @default - none */
  readonly lookAhead?: BoundarySearch;
}

/**
 * One statement that moves a batch and its checkpoint together, so that it needs one call of the
 * Data API and no transaction, and happens entirely or not at all: a call of `lockkeeper.move_batch`,
 * which proves that the fence and the checkpoint are still the ones that were read, and does the
 * work. The server counts the rows of a statement for nothing; a list of them (`with moved as
 * (update ... returning 1)`) costs a seventh of the whole batch.
 *
 * Only literals, no parameters: author's SQL is not searched for `:name` again on its way.
 */
export function batchStatement(
  walk: Walk,
  work: Work,
  batch: Batch,
  claim: CheckpointClaim,
  options: BatchOptions,
): string {
  const statement = work.statement(rangePredicate(walk.key, work.alias, batch.range));
  const walked = work.changesEveryRow ? undefined : keysWalked(walk, batch);
  return moveBatch({ statement, counts: 'moved', walked }, walk, batch, claim, options);
}

/**
 * What a batch adds to the walked keys. Counting costs a scan of its part of the index, so only what
 * is left of a window or of the table is counted; the rest is known from the search for its end.
 */
function keysWalked(walk: Walk, batch: Batch): string {
  if (!batch.remainder) return String(batch.keys);
  return `(select count(*) from ${quoteQualified(walk.table)} as "walked"
    where ${rangePredicate(walk.key, 'walked', batch.range)})`;
}

/** Why a row was set aside. */
export interface QuarantineReason {
  readonly sqlstate: string | undefined;
  /** The server's words. */
  readonly message: string;
}

/** Like `batchStatement`, but sets aside what the range holds (one row, or none if it is gone). */
export function quarantineStatement(
  walk: Walk,
  batch: Batch,
  why: QuarantineReason,
  claim: CheckpointClaim,
  options: BatchOptions,
): string {
  const key = keyTexts(walk.key, 'walked').join(', ');
  const sqlstate = why.sqlstate === undefined ? 'null' : quoteLiteral(why.sqlstate);
  const statement = `insert into lockkeeper.quarantine (execution_id, step_id, key, sqlstate, message)
  select ${quoteLiteral(claim.fence.executionId)}, ${quoteLiteral(claim.stepId)},
    jsonb_build_array(${key}), ${sqlstate}, ${quoteLiteral(why.message)}
  from ${quoteQualified(walk.table)} as "walked"
  where ${rangePredicate(walk.key, 'walked', batch.range)}`;
  return moveBatch({ statement, counts: 'quarantined', walked: '1' }, walk, batch, claim, options);
}

/** What the last SELECT of a batch says. */
export interface BatchAnswer {
  readonly revision: string;
  /** Rows that were changed. */
  readonly moved: number;
  readonly keysWalked: number;
  readonly rowsMoved: number;
  readonly rowsQuarantined: number;
  /** Time inside the server up to its answer; AFTER triggers and the commit are not in it. */
  readonly serverMs: number;
}

/** The text that marks our statements in pg_stat_activity; no colon, the Data API reads `:word` as a parameter. */
export function tagOf(claim: Pick<CheckpointClaim, 'fence' | 'stepId'>): string {
  return `lockkeeper ${claim.fence.executionId} ${claim.stepId}`;
}

/** What a batch does, and how it is counted. */
interface BatchWork {
  readonly statement: string;
  /** What its rows are. */
  readonly counts: 'moved' | 'quarantined';
  /** How many keys were passed, an expression; undefined: as many as rows. */
  readonly walked: string | undefined;
}

function moveBatch(
  { statement, counts, walked }: BatchWork,
  walk: Walk,
  { next }: Batch,
  claim: CheckpointClaim,
  { lockTimeoutMs, batchRows, lookAhead }: BatchOptions,
): string {
  const { fence, stepId, part, revision } = claim;
  const ahead =
    lookAhead === undefined
      ? ''
      : `left join lateral (
  ${boundaryQuery(walk, lookAhead)}
) as ahead on true`;
  return `/* ${tagOf(claim)} */ select m.revision::text as revision, m.moved::int4 as moved,
  m.rows_moved::text as rows_moved, m.keys_walked::text as keys_walked,
  m.rows_quarantined::text as rows_quarantined,
  (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8 as server_ms${lookAhead === undefined ? '' : ', ahead.*'}
from lockkeeper.move_batch(
  execution => ${quoteLiteral(fence.executionId)}, step => ${quoteLiteral(stepId)},
  worker => ${part}, holds => ${fence.token}, expected => ${revision}, lock_timeout_ms => ${Math.round(lockTimeoutMs)},
  counts => ${quoteLiteral(counts)}, walked => ${walked === undefined ? 'null' : quoteLiteral(walked)},
  next_position => ${quoteLiteral(writePosition(next))}, next_rows => ${batchRows ?? 'null'},
  work => ${quoteLiteral(statement)}
) as m ${ahead}`;
}
