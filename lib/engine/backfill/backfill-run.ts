import { backoff, PATIENT_ATTEMPTS } from '../../core/backfill/backoff.ts';
import type { Batch, BatchWish } from '../../core/backfill/batch.ts';
import { describeKey, type KeyValue } from '../../core/backfill/key.ts';
import { type Meter, measure, NO_RATE } from '../../core/backfill/meter.ts';
import type { Position } from '../../core/backfill/position.ts';
import { afterBatch, cut, OVERRUN, type Servo, startServo } from '../../core/backfill/servo.ts';
import {
  afterFailure,
  afterSuccess,
  NO_SUSPICION,
  type Suspicion,
  suspectSize,
} from '../../core/backfill/suspicion.ts';
import { type DurationMs, durationMs, type EpochMs } from '../../core/ids.ts';
import type { DatabaseError } from '../../ports/database.ts';
import { type Checkpoint, readCheckpoint } from '../../postgres/backfill/checkpoint.ts';
import { type Attempt, attemptBatch, type Culprit, type LookedAhead } from './attempt-batch.ts';
import { classifyFailure } from './batch-failure.ts';
import { Governor } from './governor.ts';
import type { OpenSlice } from './open-slice.ts';
import { progressOf } from './progress-of.ts';
import { rowHolder } from './row-holder.ts';
import type { SliceOutcome } from './slice.ts';

/** A Wait state is cheap, so a paused or held backfill is looked at often. */
const POLL_SECONDS = 10;
const HOLD_POLL_MS = durationMs(1_000);
/** A hold that lasts longer is waited for outside, where waiting costs nothing. */
const HOLD_PATIENCE_MS = 15_000;
/** The Data API ends a statement after 45 s; ending it first leaves its outcome known. */
const STATEMENT_LIMIT_MS = 40_000;

type Active = Exclude<Position, { readonly kind: 'end' }>;
type Failed = Extract<Attempt, { readonly kind: 'failed' }>;
type Moved = Extract<Attempt, { readonly kind: 'moved' }>;

/** The batches of one call, and what one teaches the next. */
export class BackfillRun {
  readonly #slice: OpenSlice;
  readonly #governor: Governor;
  #checkpoint: Checkpoint;
  #servo: Servo;
  #suspicion: Suspicion = NO_SUSPICION;
  /** The row that stands alone, and what the server said about it. */
  #culprit: Culprit | undefined;
  #ahead: LookedAhead | undefined;
  #meter: Meter = NO_RATE;
  #sampledAt: EpochMs;
  #lastMs: number;
  /** Failures in a row at this position. */
  #attempts = 0;
  /** Until one batch of this call was committed, its cost is unknown. */
  #proven = false;

  constructor(slice: OpenSlice, checkpoint: Checkpoint) {
    const { pacing } = slice.step;
    this.#slice = slice;
    this.#checkpoint = checkpoint;
    this.#governor = new Governor(slice, checkpoint);
    this.#servo = startServo(pacing, checkpoint.batchRows);
    this.#lastMs = pacing.targetBatchMs;
    this.#sampledAt = slice.context.clock.now();
  }

  async run(): Promise<SliceOutcome> {
    if (this.#checkpoint.position.kind !== 'end') await this.#governor.look();
    const outcome = await this.#untilEnd();
    await this.#governor.remember();
    return outcome;
  }

  async #untilEnd(): Promise<SliceOutcome> {
    for (;;) {
      const { position, goal } = this.#checkpoint;
      if (position.kind === 'end' || goal === undefined) return await this.#done();
      const outcome = (await this.#reasonToStop()) ?? (await this.#step(position, goal));
      if (outcome !== undefined) return outcome;
    }
  }

  /** One batch, or one second of holding still. */
  async #step(position: Active, goal: KeyValue): Promise<SliceOutcome | undefined> {
    const { state } = this.#governor;
    if (state.kind === 'held') {
      if (this.#governor.heldForMs > HOLD_PATIENCE_MS) return wait(state.reason);
      await this.#report();
      await this.#sleep(HOLD_POLL_MS);
      await this.#governor.look();
      return undefined;
    }
    const wish = this.#wish();
    const attempt = await this.#governor.alongside(this.#lastMs, () =>
      attemptBatch(this.#slice, this.#checkpoint, position, {
        wish,
        goal,
        ahead: this.#ahead,
        ...this.#statementTimeout(),
        ...(this.#culprit !== undefined && { quarantine: this.#culprit }),
      }),
    );
    if (attempt.kind === 'failed') return await this.#learnFromFailure(attempt, wish, position);
    await this.#learnFromSuccess(attempt, wish);
    return undefined;
  }

  async #reasonToStop(): Promise<SliceOutcome | undefined> {
    const { clock, flags, until } = this.#slice.context;
    const { abort, paused } = await flags();
    if (abort !== undefined) {
      return { kind: 'aborted', reason: `abort requested by ${abort.by}: ${abort.reason}` };
    }
    if (paused) return wait('paused by an operator');
    return clock.now() >= until ? { kind: 'continue' } : undefined;
  }

  #wish(): BatchWish {
    const suspected = suspectSize(this.#suspicion);
    const { strategy } = this.#governor;
    return {
      rows: suspected === undefined ? this.#servo.rows : Math.min(suspected, this.#servo.rows),
      modulus: strategy.kind === 'strided' ? strategy.modulus : 1,
      by: this.#slice.by,
      strict: suspected !== undefined,
    };
  }

  /** Doubles with each attempt, so that even the smallest batch gets the time that it needs. */
  #statementTimeout(): { readonly statementTimeoutMs?: number } {
    if (this.#proven && this.#attempts === 0) return {};
    const first = Math.max(1_000, 10 * this.#slice.step.pacing.targetBatchMs);
    return { statementTimeoutMs: Math.min(STATEMENT_LIMIT_MS, first * 2 ** this.#attempts) };
  }

  async #learnFromSuccess({ batch, answer, ms, ahead }: Moved, wish: BatchWish): Promise<void> {
    const { clock } = this.#slice.context;
    const { pacing } = this.#slice.step;
    const walkedBefore = this.#checkpoint.keysWalked;
    this.#checkpoint = { ...this.#checkpoint, ...answer, position: batch.next };
    this.#ahead = ahead;
    this.#attempts = 0;
    this.#proven = ms <= OVERRUN * pacing.targetBatchMs;
    this.#lastMs = ms;
    if (this.#culprit !== undefined) {
      this.#culprit = undefined;
      this.#suspicion = NO_SUSPICION;
    } else if (wish.strict) {
      this.#suspicion = afterSuccess(this.#suspicion, batch.keys);
    } else {
      this.#servo = afterBatch(this.#servo, { keys: batch.keys, ms }, pacing);
    }
    const now = clock.now();
    this.#meter = measure(this.#meter, answer.keysWalked - walkedBefore, now - this.#sampledAt);
    this.#sampledAt = now;
    await this.#report();
    if (pacing.pauseMs > 0) await this.#sleep(pacing.pauseMs);
  }

  async #learnFromFailure(
    { batch, error }: Failed,
    wish: BatchWish,
    position: Active,
  ): Promise<SliceOutcome | undefined> {
    this.#attempts += 1;
    this.#culprit = undefined;
    const keys = (batch?.keys ?? wish.rows) * (position.kind === 'between' ? wish.modulus : 1);
    switch (classifyFailure(error)) {
      case 'broken':
        return this.#failed(error.message, error);
      case 'data':
        return this.#closeIn(batch, keys, wish, error);
      case 'contention':
        // The first repetition is whole: most locks are gone by then.
        if (this.#attempts > 1) this.#suspicion = afterFailure(wish.strict ? wish.rows : keys);
        return await this.#tryLater(async () => await rowHolder(this.#slice, error));
      case 'slow':
        return await this.#shrink(error);
      case 'unavailable':
        return await this.#tryLater(async () => error.message);
      case 'unknown':
      case 'refused':
        return await this.#readAgain(error);
    }
  }

  /** Halves a failing range; what fails alone is set aside, or fails the backfill. */
  #closeIn(
    batch: Batch | undefined,
    keys: number,
    wish: BatchWish,
    error: DatabaseError,
  ): SliceOutcome | undefined {
    this.#attempts = 0;
    const alone = wish.strict && wish.rows === 1;
    this.#suspicion = afterFailure(wish.strict ? wish.rows : keys);
    if (!alone || batch === undefined) return undefined;
    const { key, pacing } = this.#slice.step;
    const { rowsQuarantined } = this.#checkpoint;
    if (rowsQuarantined >= pacing.quarantineLimit) {
      const allowed = `${rowsQuarantined} of ${pacing.quarantineLimit} allowed rows are set aside`;
      const where = describeKey(key, batch.range.through);
      return this.#failed(
        `row ${where} cannot be moved (${allowed}): ${error.message}`,
        error,
        where,
      );
    }
    this.#culprit = { batch, why: { sqlstate: error.sqlstate, message: error.message } };
    return undefined;
  }

  async #shrink(error: DatabaseError): Promise<SliceOutcome | undefined> {
    const { pacing } = this.#slice.step;
    const { statementTimeoutMs } = this.#statementTimeout();
    const smallest = this.#servo.rows === pacing.minRows;
    if (smallest && this.#attempts > 1 && statementTimeoutMs === STATEMENT_LIMIT_MS) {
      return this.#failed(
        `a batch of ${this.#servo.rows} rows did not finish in time: allow fewer rows a batch`,
        error,
      );
    }
    this.#servo = cut(this.#servo, pacing);
    this.#ahead = undefined;
    return undefined;
  }

  async #readAgain(error: DatabaseError): Promise<SliceOutcome | undefined> {
    const { context, step } = this.#slice;
    const before = this.#checkpoint.revision;
    const reading = await readCheckpoint(context.database, context.fence, step.stepId);
    if (reading.kind !== 'found') return { kind: 'fenced' };
    this.#checkpoint = reading.checkpoint;
    this.#ahead = undefined;
    if (reading.checkpoint.revision === before)
      return await this.#tryLater(async () => error.message);
    this.#attempts = 0;
    this.#suspicion = NO_SUSPICION;
    return undefined;
  }

  async #tryLater(reason: () => Promise<string>): Promise<SliceOutcome | undefined> {
    if (this.#attempts >= PATIENT_ATTEMPTS) return wait(await reason());
    await this.#report();
    await this.#sleep(backoff(this.#attempts, this.#slice.context.clock.random()));
    return undefined;
  }

  async #sleep(wanted: DurationMs): Promise<void> {
    const { clock, until } = this.#slice.context;
    await clock.sleep(durationMs(Math.max(0, Math.min(wanted, until - clock.now()))));
  }

  async #done(): Promise<SliceOutcome> {
    await this.#report();
    const { rowsMoved, rowsQuarantined } = this.#checkpoint;
    return { kind: 'done', rows: rowsMoved, quarantined: rowsQuarantined };
  }

  async #report(): Promise<void> {
    const { context, step } = this.#slice;
    await context.report(
      progressOf({
        step,
        checkpoint: this.#checkpoint,
        governor: this.#governor,
        meter: this.#meter,
        batch: { rows: this.#servo.rows, ms: this.#lastMs },
        now: context.clock.now(),
      }),
    );
  }

  #failed(reason: string, { sqlstate }: DatabaseError, key?: string): SliceOutcome {
    return {
      kind: 'failed',
      reason,
      ...(key !== undefined && { key }),
      ...(sqlstate !== undefined && { sqlstate }),
    };
  }
}

function wait(reason: string): SliceOutcome {
  return { kind: 'wait', seconds: POLL_SECONDS, reason };
}
