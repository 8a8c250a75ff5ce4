import {
  asSearched,
  type Batch,
  type BatchWish,
  type BoundarySearch,
  boundarySearch,
  cutBatch,
} from '../../core/backfill/batch.ts';
import { cutByNumbers, densityOf } from '../../core/backfill/dense-keys.ts';
import { type KeyValue, sameKey } from '../../core/backfill/key.ts';
import type { Stage } from '../../core/backfill/stage.ts';
import { DatabaseError, type Row } from '../../ports/database.ts';
import {
  type BatchAnswer,
  batchStatement,
  type QuarantineReason,
  quarantineStatement,
} from '../../postgres/backfill/batch-statement.ts';
import { findBoundary, readKey } from '../../postgres/backfill/boundary.ts';
import type { Checkpoint } from '../../postgres/backfill/checkpoint.ts';
import type { Leg } from './leg.ts';
import type { OpenSlice } from './open-slice.ts';

/** What a batch, or a comparison, found out about the keys after it. */
export type Ahead =
  /** Where the next window, or the next part of it, ends. */
  | {
      readonly kind: 'looked';
      readonly search: BoundarySearch;
      readonly found: KeyValue | undefined;
    }
  /** They take most numbers, so that ends can be counted out: a look along the index is a thirtieth of the work. */
  | { readonly kind: 'dense'; readonly density: number };

export type Attempt =
  | {
      readonly kind: 'moved';
      readonly batch: Batch;
      /** Where the backfill stands now. */
      readonly stage: Stage;
      readonly answer: BatchAnswer;
      /** Time in the server, without the way to it. */
      readonly ms: number;
      readonly ahead: Ahead | undefined;
    }
  /** `batch` is undefined when it failed before it was cut. */
  | { readonly kind: 'failed'; readonly batch: Batch | undefined; readonly error: DatabaseError };

export interface AttemptOptions {
  readonly wish: BatchWish;
  readonly ahead: Ahead | undefined;
  /**
   * A limit for the whole statement, in milliseconds. It needs a transaction around the batch, which
   * costs three more calls, so it is only asked for where a batch may run away. Undefined: none.
   */
  readonly statementTimeoutMs: number | undefined;
  /** What one batch should take. */
  readonly targetBatchMs: number;
  /** Sets its row aside instead of moving the next batch; undefined: moves it. */
  readonly quarantine: Culprit | undefined;
}

/** A batch of one row that failed, and why. */
export interface Culprit {
  readonly batch: Batch;
  readonly why: QuarantineReason;
}

/**
 * While a batch waits for a row it keeps the rows it already has; a waiting writer would wait for
 * both. So a wait is as long as a batch may be: the target, between 50 ms and a second.
 */
export function lockTimeout(targetBatchMs: number): number {
  return Math.max(50, Math.min(1_000, targetBatchMs));
}

/** Cuts the next batch and runs it. */
export async function attemptBatch(
  slice: OpenSlice,
  checkpoint: Checkpoint,
  leg: Leg,
  options: AttemptOptions,
): Promise<Attempt> {
  let batch: Batch | undefined;
  try {
    batch = await cut(slice, leg, options);
    return await run(slice, checkpoint, leg, batch, options);
  } catch (error) {
    if (error instanceof DatabaseError) return { kind: 'failed', batch, error };
    throw error;
  }
}

async function cut(
  slice: OpenSlice,
  { walk, at, goal }: Leg,
  { wish, ahead, quarantine }: AttemptOptions,
): Promise<Batch> {
  if (quarantine !== undefined) return quarantine.batch;
  const counted = ahead?.kind === 'dense' ? cutByNumbers(at, wish, goal, ahead.density) : undefined;
  if (counted !== undefined) return counted;
  const search = boundarySearch(at, wish, goal);
  if (search === undefined) return cutBatch(at, wish, goal, undefined);
  const looked = ahead?.kind === 'looked' && at.kind !== 'inside' && !wish.strict;
  if (looked && answers(ahead.search, search)) {
    return cutBatch(at, asSearched(at, wish, ahead.search), goal, ahead.found);
  }
  const found = await findBoundary(slice.context.database, walk, search);
  return cutBatch(at, wish, goal, found);
}

/** A look ahead was made for the size of the batch before; it serves while the size is similar. */
function answers(made: BoundarySearch, wanted: BoundarySearch): boolean {
  const sameStart =
    made.after !== undefined && wanted.after !== undefined && sameKey(made.after, wanted.after);
  const ratio = made.keys / wanted.keys;
  return sameStart && wanted.stride === undefined && ratio > 0.6 && ratio < 1.2;
}

async function run(
  slice: OpenSlice,
  { part, revision }: Checkpoint,
  { walk, work, pending, goal, countsKeys, stageAfter }: Leg,
  batch: Batch,
  options: AttemptOptions,
): Promise<Attempt> {
  const { step, context } = slice;
  const { next } = batch;
  const mayLook = !options.wish.strict && options.ahead?.kind !== 'dense';
  const lookAhead =
    (next.kind === 'between' || next.kind === 'opening') && mayLook
      ? boundarySearch(next, options.wish, goal)
      : undefined;
  const stage = stageAfter(next);
  const claim = { fence: context.fence, stepId: step.stepId, part, revision };
  const parts = {
    next: stage,
    ...(pending !== undefined && { pending }),
    countsKeys,
    lockTimeoutMs: lockTimeout(options.targetBatchMs),
    batchRows: options.wish.strict ? undefined : options.wish.rows,
    ...(lookAhead !== undefined && { lookAhead }),
    listsKeys: slice.listsKeys,
  };
  const sql =
    options.quarantine === undefined
      ? batchStatement(walk, work, batch, claim, parts)
      : quarantineStatement(walk, batch, options.quarantine.why, claim, parts);
  const { row, ms } = await timed(slice, sql, options.statementTimeoutMs);
  const answer = toAnswer(row);
  // An update changes a row once, so a range has at least as many as were changed.
  const density =
    pending === undefined && work.updatedColumns.length > 0
      ? densityOf(walk.key, batch.range, answer.moved)
      : undefined;
  const found = readKey(walk, row);
  const looked = lookAhead && ({ kind: 'looked', search: lookAhead, found } as const);
  return {
    kind: 'moved',
    batch,
    stage,
    answer,
    // AFTER triggers run when the server's own clock was read already, hence the larger of the two.
    ms: Math.max(answer.serverMs, ms - slice.hopMs),
    ahead: density === undefined ? looked : { kind: 'dense', density },
  };
}

async function timed(
  { context: { database, clock } }: OpenSlice,
  sql: string,
  statementTimeoutMs: number | undefined,
): Promise<{ readonly row: Row | undefined; readonly ms: number }> {
  if (statementTimeoutMs === undefined) {
    const start = clock.now();
    const [row] = await database.query(sql);
    return { row, ms: clock.now() - start };
  }
  return await database.transaction(async (tx) => {
    await tx.query(`select set_config('statement_timeout', :timeout, true) as timeout`, {
      timeout: `${Math.round(statementTimeoutMs)}ms`,
    });
    const start = clock.now();
    const [row] = await tx.query(sql);
    return { row, ms: clock.now() - start };
  });
}

export function toAnswer(row: Row | undefined): BatchAnswer {
  return {
    revision: String(row?.['revision']),
    moved: Number(row?.['moved']),
    keysWalked: Number(row?.['keys_walked']),
    rowsMoved: Number(row?.['rows_moved']),
    rowsQuarantined: Number(row?.['rows_quarantined']),
    serverMs: Number(row?.['server_ms']),
  };
}
