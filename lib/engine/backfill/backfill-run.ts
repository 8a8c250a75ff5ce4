import { backoff, PATIENT_ATTEMPTS } from '../../core/backfill/backoff.ts';
import type { BatchWish } from '../../core/backfill/batch.ts';
import { describeKey, type KeyValue } from '../../core/backfill/key.ts';
import {
  afterBadRow,
  afterContention,
  afterMove,
  afterOthersMoved,
  afterSettingAside,
  afterTimeout,
  afterTrouble,
  firstLessons,
  type Lessons,
  nextWish,
  timeLimit,
} from '../../core/backfill/lessons.ts';
import { type Meter, measure, NO_RATE } from '../../core/backfill/meter.ts';
import type { Position } from '../../core/backfill/position.ts';
import { tunedPacing } from '../../core/backfill/tuning.ts';
import { type DurationMs, durationMs, type EpochMs } from '../../core/ids.ts';
import type { Pacing } from '../../core/migration/migration.ts';
import type { BatchFigures } from '../../ports/control-store.ts';
import type { DatabaseError } from '../../ports/database.ts';
import { type Checkpoint, readCheckpoint } from '../../postgres/backfill/checkpoint.ts';
import { type Attempt, attemptBatch, type Culprit, type LookedAhead } from './attempt-batch.ts';
import { classifyFailure } from './batch-failure.ts';
import { Governor } from './governor.ts';
import type { OpenSlice } from './open-slice.ts';
import { progressOf } from './progress-of.ts';
import { QuietHours } from './quiet-hours.ts';
import { rowHolder } from './row-holder.ts';
import { failed, reasonToStop, type SliceOutcome, waitFor } from './slice.ts';

const HOLD_POLL_MS = durationMs(1_000);
/** A hold that lasts longer is waited for outside, where waiting costs nothing. */
const HOLD_PATIENCE_MS = 15_000;

/** A few seconds' worth, for people who watch. */
const SHOWN_BATCHES = 24;

type Active = Exclude<Position, { readonly kind: 'end' }>;

/** The batches of one call. */
export class BackfillRun {
  readonly #slice: OpenSlice;
  readonly #governor: Governor;
  #checkpoint: Checkpoint;
  #lessons: Lessons;
  /** The row that failed alone and is to be set aside next. */
  #culprit: Culprit | undefined;
  #ahead: LookedAhead | undefined;
  /** As declared, and as it was tuned meanwhile. */
  #pacing: Pacing;
  readonly #quiet: QuietHours;
  #batches: readonly BatchFigures[] = [];
  #meter: Meter = NO_RATE;
  #sampledAt: EpochMs;

  constructor(slice: OpenSlice, checkpoint: Checkpoint) {
    this.#slice = slice;
    this.#checkpoint = checkpoint;
    this.#governor = new Governor(slice, checkpoint);
    this.#pacing = slice.step.pacing;
    this.#quiet = new QuietHours(slice.step.pacing, slice.context.clock);
    this.#lessons = firstLessons(slice.step.pacing, checkpoint.batchRows);
    this.#sampledAt = slice.context.clock.now();
  }

  /** @throws DatabaseError for what failed outside of a batch */
  async run(): Promise<SliceOutcome> {
    await this.#tune();
    if (this.#checkpoint.position.kind !== 'end') await this.#governor.look();
    const outcome = await this.#untilEnd();
    await this.#governor.remember();
    return outcome;
  }

  async #untilEnd(): Promise<SliceOutcome> {
    for (;;) {
      const { position, goal, rowsMoved, rowsQuarantined } = this.#checkpoint;
      if (position.kind === 'end' || goal === undefined) {
        await this.#report();
        return { kind: 'done', rows: rowsMoved, quarantined: rowsQuarantined };
      }
      await this.#tune();
      const stop = (await reasonToStop(this.#slice.context)) ?? (await this.#holdStill());
      const outcome = stop === 'held' ? undefined : (stop ?? (await this.#move(position, goal)));
      if (outcome !== undefined) return outcome;
    }
  }

  /** What somebody tuned holds from the next batch on. */
  async #tune(): Promise<void> {
    const { tuning = {} } = await this.#slice.context.flags();
    this.#pacing = tunedPacing(this.#slice.step.pacing, tuning, this.#quiet.now());
    this.#governor.tune(tuning);
  }

  /** Waits a second while the target is under load. */
  async #holdStill(): Promise<SliceOutcome | 'held' | undefined> {
    const { state } = this.#governor;
    if (state.kind === 'running') return undefined;
    if (this.#governor.heldForMs > HOLD_PATIENCE_MS) return waitFor(state.reason);
    await this.#report();
    await this.#sleep(HOLD_POLL_MS);
    await this.#governor.look();
    return 'held';
  }

  async #move(position: Active, goal: KeyValue): Promise<SliceOutcome | undefined> {
    const { strategy } = this.#governor;
    const modulus = strategy.kind === 'strided' ? strategy.modulus : 1;
    const wish = nextWish(this.#lessons, { modulus, by: this.#slice.by });
    const attempt = await this.#governor.alongside(this.#lessons.lastMs, () =>
      attemptBatch(this.#slice, this.#checkpoint, position, {
        wish,
        goal,
        ahead: this.#ahead,
        statementTimeoutMs: timeLimit(this.#lessons, this.#pacing),
        targetBatchMs: this.#pacing.targetBatchMs,
        quarantine: this.#culprit,
      }),
    );
    if (attempt.kind === 'failed') return await this.#failure(attempt, wish, position);
    await this.#success(attempt, wish);
    return undefined;
  }

  async #success(
    { batch, answer, ms, ahead }: Extract<Attempt, { readonly kind: 'moved' }>,
    wish: BatchWish,
  ): Promise<void> {
    const pacing = this.#pacing;
    const walked = answer.keysWalked - this.#checkpoint.keysWalked;
    this.#checkpoint = { ...this.#checkpoint, ...answer, position: batch.next };
    this.#ahead = ahead;
    this.#lessons =
      this.#culprit === undefined
        ? afterMove(this.#lessons, { wish, batch, ms }, pacing)
        : afterSettingAside(this.#lessons);
    this.#culprit = undefined;
    const figures = { rows: answer.moved, ms: Math.round(ms) };
    this.#batches = [...this.#batches, figures].slice(-SHOWN_BATCHES);
    const now = this.#slice.context.clock.now();
    this.#meter = measure(this.#meter, walked, now - this.#sampledAt);
    this.#sampledAt = now;
    await this.#report();
    if (pacing.pauseMs > 0) await this.#sleep(pacing.pauseMs);
  }

  async #failure(
    { batch, error }: Extract<Attempt, { readonly kind: 'failed' }>,
    wish: BatchWish,
    position: Active,
  ): Promise<SliceOutcome | undefined> {
    const failedBatch = { wish, batch, opens: position.kind === 'between' };
    this.#culprit = undefined;
    switch (classifyFailure(error)) {
      case 'broken':
        return failed(error.message, error);
      case 'data': {
        this.#lessons = afterBadRow(this.#lessons, failedBatch);
        const alone = wish.strict && wish.rows === 1 && batch !== undefined;
        return alone ? this.#sentence({ batch, why: error }) : undefined;
      }
      case 'contention':
        this.#lessons = afterContention(this.#lessons, failedBatch);
        return await this.#tryLater(() => rowHolder(this.#slice, error));
      case 'slow':
        return this.#shrink(error);
      case 'unavailable':
        this.#lessons = afterTrouble(this.#lessons);
        return await this.#tryLater(async () => error.message);
      case 'unknown':
      case 'refused':
        return await this.#readAgain(error);
    }
  }

  /** What is to be done with the one row that cannot be moved. */
  #sentence({ batch, why }: { batch: Culprit['batch']; why: DatabaseError }) {
    const { key, pacing } = this.#slice.step;
    const { rowsQuarantined } = this.#checkpoint;
    if (rowsQuarantined < pacing.quarantineLimit) {
      this.#culprit = { batch, why: { sqlstate: why.sqlstate, message: why.message } };
      return undefined;
    }
    const row = describeKey(key, batch.range.through);
    const allowed = `${rowsQuarantined} of ${pacing.quarantineLimit} allowed rows are set aside`;
    return failed(`row ${row} cannot be moved (${allowed}): ${why.message}`, why, row);
  }

  #shrink(error: DatabaseError): SliceOutcome | undefined {
    const pacing = this.#pacing;
    const lessons = afterTimeout(this.#lessons, pacing);
    if (lessons === undefined) {
      const reason = `a batch of ${pacing.minRows} rows does not finish in time: allow smaller ones`;
      return failed(reason, error);
    }
    this.#lessons = lessons;
    this.#ahead = undefined;
    return undefined;
  }

  /** Only the checkpoint knows whether the batch was committed, and by whom. */
  async #readAgain(error: DatabaseError): Promise<SliceOutcome | undefined> {
    const { context, step } = this.#slice;
    const before = this.#checkpoint.revision;
    const reading = await readCheckpoint(context.database, context.fence, step.stepId);
    if (reading.kind !== 'found') return { kind: 'fenced' };
    this.#checkpoint = reading.checkpoint;
    this.#ahead = undefined;
    if (reading.checkpoint.revision === before) {
      this.#lessons = afterTrouble(this.#lessons);
      return await this.#tryLater(async () => error.message);
    }
    this.#lessons = afterOthersMoved(this.#lessons);
    return undefined;
  }

  /** @param reason asked for only when the patience is at its end */
  async #tryLater(reason: () => Promise<string>): Promise<SliceOutcome | undefined> {
    const { attempts } = this.#lessons;
    if (attempts >= PATIENT_ATTEMPTS) {
      const heldBy = await reason();
      await this.#report(heldBy);
      return waitFor(heldBy);
    }
    await this.#report();
    await this.#sleep(backoff(attempts, this.#slice.context.clock.random()));
    return undefined;
  }

  async #sleep(wanted: DurationMs): Promise<void> {
    const { clock, until } = this.#slice.context;
    await clock.sleep(durationMs(Math.max(0, Math.min(wanted, until - clock.now()))));
  }

  /** @param heldBy why it does not go on for now */
  async #report(heldBy?: string): Promise<void> {
    const { context, step } = this.#slice;
    await context.report(
      progressOf({
        step,
        checkpoint: this.#checkpoint,
        governor: this.#governor,
        meter: this.#meter,
        batch: { rows: this.#lessons.servo.rows, ms: this.#lessons.lastMs },
        now: context.clock.now(),
        heldBy,
        batches: this.#batches,
      }),
    );
  }
}
