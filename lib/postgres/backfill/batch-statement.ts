import type { Batch, BoundarySearch } from '../../core/backfill/batch.ts';
import { keyTexts } from '../../core/backfill/key.ts';
import { type KeyRange, listedPredicate, stridePredicate } from '../../core/backfill/range.ts';
import { quoteLiteral, quoteQualified } from '../../core/backfill/sql-text.ts';
import { type Stage, writeStage } from '../../core/backfill/stage.ts';
import type { StepId } from '../../core/ids.ts';
import type { Fence } from '../ledger/fence.ts';
import { boundaryQuery, type Walk, walkPredicate } from './boundary.ts';
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
  /** Where the backfill stands after it. */
  readonly next: Stage;
  /** The condition of a row that is still to be done, in one of several passes. @default - all are */
  readonly pending?: string;
  /** False in a later pass, whose keys were counted. @default true */
  readonly countsKeys?: boolean;
  /** Longest wait for one row lock of somebody else, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** Size for the next call to start with; undefined leaves the stored one. */
  readonly batchRows: number | undefined;
  /** A look ahead that saves the next batch its own search. @default - none */
  readonly lookAhead?: BoundarySearch;
  /** Whether the server goes through a list of keys in one scan of the index. @default false */
  readonly listsKeys?: boolean;
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
  const listed =
    options.listsKeys === true && options.pending === undefined && work.stands === 'alone'
      ? listedPredicate(walk.key, work.alias, batch.range, batch.keys)
      : undefined;
  const statement = work.statement(
    listed ?? rowsOf(walk, work.alias, batch.range, options.pending),
  );
  const everyRow = work.changesEveryRow && options.pending === undefined;
  const walked = everyRow ? undefined : keysWalked(walk, batch, options);
  return moveBatch({ statement, counts: 'moved', walked }, walk, claim, options);
}

/**
 * The rows of a batch. A row is looked at once for each stride: the CASE keeps its values from being
 * computed and compared but for the one that it belongs to. The order of an AND is the planner's,
 * which takes `lower(email)` for cheaper than the hash of a key.
 */
function rowsOf(walk: Walk, alias: string, range: KeyRange, pending: string | undefined): string {
  const { stride } = range;
  if (pending === undefined) return walkPredicate(walk, alias, range);
  const whole = walkPredicate(walk, alias, { ...range, stride: undefined });
  if (stride === undefined) return `${whole} and ${pending}`;
  const dealt = stridePredicate(walk.rowKey ?? walk.key, alias, stride);
  return `${whole} and (case when ${dealt} then ${pending} else false end)`;
}

/**
 * What a batch adds to the walked keys. Counting costs a scan of its part of the index, so only what
 * is left of a window or of the table is counted; the rest is known from the search for its end.
 */
function keysWalked(walk: Walk, batch: Batch, { countsKeys = true }: BatchOptions): string {
  if (!countsKeys) return '0';
  if (!batch.remainder) return String(batch.keys);
  return `(select count(*) from ${quoteQualified(walk.table)} as "walked"
    where ${walkPredicate(walk, 'walked', batch.range)})`;
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
  const key = keyTexts(walk.rowKey ?? walk.key, 'walked').join(', ');
  const sqlstate = why.sqlstate === undefined ? 'null' : quoteLiteral(why.sqlstate);
  const statement = `insert into lockkeeper.quarantine (execution_id, step_id, key, sqlstate, message)
  select ${quoteLiteral(claim.fence.executionId)}, ${quoteLiteral(claim.stepId)},
    jsonb_build_array(${key}), ${sqlstate}, ${quoteLiteral(why.message)}
  from ${quoteQualified(walk.table)} as "walked"
  where ${walkPredicate(walk, 'walked', batch.range)}`;
  const walked = options.countsKeys === false ? '0' : '1';
  return moveBatch({ statement, counts: 'quarantined', walked }, walk, claim, options);
}

/** Moves the checkpoint alone. */
export function stageStatement(
  walk: Walk,
  claim: CheckpointClaim,
  options: Omit<BatchOptions, 'lookAhead'>,
): string {
  const nothing = { statement: 'select where false', counts: 'moved', walked: '0' } as const;
  return moveBatch(nothing, walk, claim, options);
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
  claim: CheckpointClaim,
  { next, lockTimeoutMs, batchRows, lookAhead }: BatchOptions,
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
  next_position => ${quoteLiteral(writeStage(next))}, next_rows => ${batchRows ?? 'null'},
  work => ${quoteLiteral(statement)}
) as m ${ahead}`;
}
