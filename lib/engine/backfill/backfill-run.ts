import { backoff, PATIENT_ATTEMPTS } from '../../core/backfill/backoff.ts';
import type { BatchWish } from '../../core/backfill/batch.ts';
import type { KeyValue } from '../../core/backfill/key.ts';
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
  type WindowCut,
} from '../../core/backfill/lessons.ts';
import { type Meter, measure, NO_RATE } from '../../core/backfill/meter.ts';
import type { Stride } from '../../core/backfill/range.ts';
import type { Closing } from '../../core/backfill/stage.ts';
import { afterScan } from '../../core/backfill/stage.ts';
import type { Strategy } from '../../core/backfill/strategy.ts';
import { type DurationMs, durationMs, type EpochMs } from '../../core/ids.ts';
import type { Pacing } from '../../core/migration/migration.ts';
import type { BatchFigures } from '../../ports/control-store.ts';
import type { DatabaseError } from '../../ports/database.ts';
import { type Checkpoint, readCheckpoint } from '../../postgres/backfill/checkpoint.ts';
import { exists } from '../../postgres/backfill/partitions.ts';
import { type Ahead, type Attempt, attemptBatch, type Culprit } from './attempt-batch.ts';
import { classifyFailure } from './batch-failure.ts';
import type { Governor } from './governor.ts';
import { type Leg, legOf } from './leg.ts';
import type { OpenSlice } from './open-slice.ts';
import type { PartFigures } from './progress-of.ts';
import { rowHolder } from './row-holder.ts';
import { rowNamed } from './row-named.ts';
import { moveStage, scanForRest } from './scan-for-rest.ts';
import { failed, type SliceOutcome, waitFor } from './slice.ts';

/** What the workers of a call have in common. */
export interface Crew {
  readonly governor: Governor;
  /** As declared, and as it was tuned meanwhile. */
  readonly pacing: Pacing;
  /** Rows that all workers have set aside, or are about to. */
  readonly setAside: number;
  /** Asked before each batch. Undefined: go on; `held`: it was waited for a moment, ask again. */
  mayGoOn(worker: BackfillRun): Promise<SliceOutcome | 'held' | undefined>;
  moved(figures: BatchFigures): void;
  report(): Promise<void>;
}

/** How the next window is cut. */
function windowCut(strategy: Strategy, by: Stride['by']): WindowCut {
  if (strategy.kind === 'plain') return { modulus: 1, by };
  const { modulus, shares } = strategy;
  return { modulus, by, ...(shares && { shares }) };
}

/** One worker: the batches that one call moves in its part of the keys. */
export class BackfillRun {
  readonly #slice: OpenSlice;
  readonly #crew: Crew;
  #checkpoint: Checkpoint;
  #lessons: Lessons;
  /** The row that failed alone and is to be set aside next. */
  #culprit: Culprit | undefined;
  #ahead: Ahead | undefined;
  /** Why it moved nothing since its last batch. */
  #heldBy: string | undefined;
  #meter: Meter = NO_RATE;
  #sampledAt: EpochMs;

  constructor(slice: OpenSlice, checkpoint: Checkpoint, crew: Crew) {
    this.#slice = slice;
    this.#crew = crew;
    this.#checkpoint = checkpoint;
    this.#lessons = firstLessons(crew.pacing, checkpoint.batchRows);
    this.#sampledAt = slice.context.clock.now();
  }

  get figures(): Omit<PartFigures, 'begun'> {
    const { servo, lastMs } = this.#lessons;
    return {
      checkpoint: this.#checkpoint,
      meter: this.#meter,
      batch: { rows: servo.rows, ms: lastMs },
      heldBy: this.#heldBy,
    };
  }

  /** Begins with the size and the rate that another part arrived at. */
  startAs({ figures }: BackfillRun): void {
    if (this.#checkpoint.batchRows !== undefined) return;
    this.#lessons = firstLessons(this.#crew.pacing, figures.batch.rows);
    this.#meter = figures.meter;
    this.#sampledAt = this.#slice.context.clock.now();
  }

  get setAside(): number {
    return this.#checkpoint.rowsQuarantined + (this.#culprit === undefined ? 0 : 1);
  }

  /** @throws DatabaseError for what failed outside of a batch */
  async untilEnd(): Promise<SliceOutcome> {
    for (;;) {
      const { position, goal, rowsMoved, rowsQuarantined } = this.#checkpoint;
      if (position.kind === 'end' || goal === undefined) {
        await this.#crew.report();
        return { kind: 'done', rows: rowsMoved, quarantined: rowsQuarantined };
      }
      const stop = await this.#crew.mayGoOn(this);
      if (stop === 'held') continue;
      const outcome =
        stop ??
        (position.kind === 'closing'
          ? await this.#close(position, goal)
          : await this.#move(legOf(this.#slice, this.#checkpoint, position, goal)));
      if (outcome !== undefined) return outcome;
    }
  }

  /** Looks for rows that moved past the walk. Nothing is left: done; otherwise another pass begins. */
  async #close(closing: Closing, lastKey: KeyValue): Promise<SliceOutcome | undefined> {
    const slice = this.#slice;
    await this.#crew.report();
    let stop: SliceOutcome | undefined;
    const result = await scanForRest(slice, this.#checkpoint, async () => {
      const answer = await this.#crew.mayGoOn(this);
      if (answer !== 'held') stop = answer;
      return stop === undefined;
    });
    const isOurs = stop === undefined || stop.kind === 'continue';
    if (!isOurs) return stop;
    const next = afterScan(closing, result, lastKey);
    const answer = await moveStage(slice, this.#checkpoint, next);
    this.#checkpoint = { ...this.#checkpoint, ...answer, position: next };
    this.#sampledAt = slice.context.clock.now();
    // The order of the rows changes, and with it what was read and chosen when the call began.
    return next.kind === 'pass' && next.by === 'key' ? { kind: 'continue' } : stop;
  }

  async #move(leg: Leg): Promise<SliceOutcome | undefined> {
    const { governor, pacing } = this.#crew;
    const { strategy } = governor;
    const wish = nextWish(this.#lessons, windowCut(strategy, this.#slice.by));
    const attempt = await governor.alongside(this.#lessons.lastMs, () =>
      attemptBatch(this.#slice, this.#checkpoint, leg, {
        wish,
        ahead: this.#ahead,
        statementTimeoutMs: timeLimit(this.#lessons, pacing),
        targetBatchMs: pacing.targetBatchMs,
        quarantine: this.#culprit,
      }),
    );
    if (attempt.kind === 'failed') return await this.#failure(attempt, wish, leg);
    await this.#success(attempt, wish);
    return undefined;
  }

  async #success(
    { batch, stage, answer, ms, ahead }: Extract<Attempt, { readonly kind: 'moved' }>,
    wish: BatchWish,
  ): Promise<void> {
    const { pacing } = this.#crew;
    const walked = answer.keysWalked - this.#checkpoint.keysWalked;
    this.#checkpoint = { ...this.#checkpoint, ...answer, position: stage };
    this.#ahead = ahead;
    this.#crew.governor.keysAre(ahead?.kind === 'dense' ? 'dense' : 'sparse');
    this.#lessons =
      this.#culprit === undefined
        ? afterMove(this.#lessons, { wish, batch, ms }, pacing)
        : afterSettingAside(this.#lessons);
    this.#culprit = undefined;
    this.#heldBy = undefined;
    this.#crew.moved({ rows: answer.moved, ms: Math.round(ms) });
    const now = this.#slice.context.clock.now();
    this.#meter = measure(this.#meter, walked, now - this.#sampledAt);
    this.#sampledAt = now;
    await this.#crew.report();
    if (pacing.pauseMs > 0) await this.#sleep(pacing.pauseMs);
  }

  async #failure(
    { batch, error }: Extract<Attempt, { readonly kind: 'failed' }>,
    wish: BatchWish,
    leg: Leg,
  ): Promise<SliceOutcome | undefined> {
    const failedBatch = {
      wish,
      batch,
      opens: leg.at.kind === 'between',
      estimated: leg.walk.rowKey !== undefined || this.#ahead?.kind === 'dense',
    };
    this.#culprit = undefined;
    switch (classifyFailure(error)) {
      case 'broken':
        return (await this.#isGone(error)) ? await this.#leave() : failed(error.message, error);
      case 'data': {
        this.#lessons = afterBadRow(this.#lessons, failedBatch);
        const alone = wish.strict && wish.rows === 1 && batch !== undefined;
        return alone ? await this.#sentence(leg, { batch, why: error }) : undefined;
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

  /** A partition may be dropped while others are gone through, as old ones are. */
  async #isGone({ kind }: DatabaseError): Promise<boolean> {
    const { partition } = this.#checkpoint;
    if (partition === undefined || kind !== 'does-not-exist') return false;
    return !(await exists(this.#slice.context.database, partition));
  }

  async #leave(): Promise<undefined> {
    const end = { kind: 'end' } as const;
    const answer = await moveStage(this.#slice, this.#checkpoint, end);
    this.#checkpoint = { ...this.#checkpoint, ...answer, position: end };
  }

  /** What is to be done with the one row that cannot be moved. */
  async #sentence(
    leg: Leg,
    { batch, why }: { readonly batch: Culprit['batch']; readonly why: DatabaseError },
  ): Promise<SliceOutcome | undefined> {
    const { pacing } = this.#slice.step;
    const { setAside } = this.#crew;
    if (setAside < pacing.quarantineLimit) {
      this.#culprit = { batch, why: { sqlstate: why.sqlstate, message: why.message } };
      return undefined;
    }
    const row = await rowNamed(this.#slice, leg, batch.range);
    const allowed = `${setAside} of ${pacing.quarantineLimit} allowed rows are set aside`;
    return failed(`row ${row} cannot be moved (${allowed}): ${why.message}`, why, row);
  }

  #shrink(error: DatabaseError): SliceOutcome | undefined {
    const { pacing } = this.#crew;
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
    const { part, revision: before } = this.#checkpoint;
    const reading = await readCheckpoint(context.database, context.fence, step.stepId, part);
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
      this.#heldBy = heldBy;
      await this.#crew.report();
      return waitFor(heldBy);
    }
    await this.#crew.report();
    await this.#sleep(backoff(attempts, this.#slice.context.clock.random()));
    return undefined;
  }

  async #sleep(wanted: DurationMs): Promise<void> {
    const { clock, until } = this.#slice.context;
    await clock.sleep(durationMs(Math.max(0, Math.min(wanted, until - clock.now()))));
  }
}
