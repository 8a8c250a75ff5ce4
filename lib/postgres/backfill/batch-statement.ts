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
 * Data API and no transaction, and happens entirely or not at all.
 *
 * - `settings` sets the lock timeout for the rest of this statement: `proof` reads from it, and the
 *   work waits for `proof`.
 * - `proof` locks the fence (so no newer runner can take over before this commits) and the
 *   checkpoint (so a second runner with the same fence waits, sees the new revision and has no proof).
 * - `moved` is the work. Its condition asks for the proof first: a subquery without references to
 *   the table is a one-time filter, evaluated before the first row is read.
 * - `advanced` moves the checkpoint from the revision that was read. Without it, the last SELECT
 *   fails the statement.
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
  const condition = `(select held from lockkeeper_proof) and ${rangePredicate(walk.key, work.alias, batch.range)}`;
  const walked = work.changesEveryRow
    ? '(select count(*) from lockkeeper_moved)'
    : keysWalked(walk, batch);
  return `/* ${tagOf(claim)} */ with ${proof(claim, options)},
lockkeeper_moved as (
${work.statement(condition)}
),
lockkeeper_advanced as (
  update lockkeeper.backfills as b
  set rows_moved = b.rows_moved + (select count(*) from lockkeeper_moved),
      keys_walked = b.keys_walked + ${walked}, ${advance(batch, options)}
  ${advanceFrom(claim)}
)
${answer('(select count(*) from lockkeeper_moved)', walk, options)}`;
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
  return `/* ${tagOf(claim)} */ with ${proof(claim, options)},
lockkeeper_set_aside as (
  insert into lockkeeper.quarantine (execution_id, step_id, key, sqlstate, message)
  select ${quoteLiteral(claim.fence.executionId)}, ${quoteLiteral(claim.stepId)},
    jsonb_build_array(${key}), ${sqlstate}, ${quoteLiteral(why.message)}
  from lockkeeper_proof, ${quoteQualified(walk.table)} as "walked"
  where ${rangePredicate(walk.key, 'walked', batch.range)}
  returning 1
),
lockkeeper_advanced as (
  update lockkeeper.backfills as b
  set rows_quarantined = b.rows_quarantined + (select count(*) from lockkeeper_set_aside),
      keys_walked = b.keys_walked + 1, ${advance(batch, options)}
  ${advanceFrom(claim)}
)
${answer('0', walk, options)}`;
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

function proof({ fence, stepId, revision }: CheckpointClaim, options: BatchOptions): string {
  const executionId = quoteLiteral(fence.executionId);
  return `lockkeeper_settings as materialized (
  select set_config('lock_timeout', '${Math.round(options.lockTimeoutMs)}ms', true) as lock_timeout
),
lockkeeper_proof as materialized (
  select true as held
  from lockkeeper_settings as s, lockkeeper.fence as f, lockkeeper.backfills as b
  where s.lock_timeout is not null
    and f.execution_id = ${executionId} and f.token = ${fence.token}
    and b.execution_id = ${executionId} and b.step_id = ${quoteLiteral(stepId)}
    and b.revision = ${revision}
  for share of f for no key update of b
)`;
}

function advance(batch: Batch, options: BatchOptions): string {
  const finished = batch.next.kind === 'end' ? ', finished_at = clock_timestamp()' : '';
  return `revision = b.revision + 1, position = ${quoteLiteral(writePosition(batch.next))}::jsonb,
      batch_rows = ${options.batchRows ?? 'b.batch_rows'}, updated_at = clock_timestamp()${finished}`;
}

function advanceFrom({ fence, stepId, revision }: CheckpointClaim): string {
  return `where b.execution_id = ${quoteLiteral(fence.executionId)}
    and b.step_id = ${quoteLiteral(stepId)} and b.revision = ${revision}
    and (select held from lockkeeper_proof)
  returning b.revision, b.rows_moved, b.keys_walked, b.rows_quarantined`;
}

function answer(moved: string, walk: Walk, { lookAhead }: BatchOptions): string {
  const ahead =
    lookAhead === undefined
      ? ''
      : `left join lateral (
  ${boundaryQuery(walk, lookAhead)}
) as ahead on true`;
  return `select coalesce(a.revision, lockkeeper.refuse_batch())::text as revision,
  ${moved}::int4 as moved, a.rows_moved::text as rows_moved, a.keys_walked::text as keys_walked,
  a.rows_quarantined::text as rows_quarantined,
  (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8 as server_ms${lookAhead === undefined ? '' : ', ahead.*'}
from (select 1) as one left join lockkeeper_advanced as a on true ${ahead}`;
}
