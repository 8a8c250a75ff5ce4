import { saidOfBytes, withinBytes } from '../../core/backfill/bytes.ts';
import { tunedPacing } from '../../core/backfill/tuning.ts';
import { type DurationMs, durationMs } from '../../core/ids.ts';
import type { Pacing } from '../../core/migration/migration.ts';
import type { BatchFigures } from '../../ports/control-store.ts';
import type { Checkpoint } from '../../postgres/backfill/checkpoint.ts';
import { BackfillRun, type Crew } from './backfill-run.ts';
import { Governor } from './governor.ts';
import type { OpenSlice } from './open-slice.ts';
import { progressOf } from './progress-of.ts';
import { QuietHours } from './quiet-hours.ts';
import { reasonToStop, type SliceOutcome, waitFor, worstOf } from './slice.ts';

const HOLD_POLL_MS = durationMs(1_000);
/** A hold that lasts longer is waited for outside, where waiting costs nothing. */
const HOLD_PATIENCE_MS = 15_000;

/** A few seconds' worth, for people who watch. */
const SHOWN_BATCHES = 24;

/**
 * The workers of one call, each with a part of the keys, its own size of batches and its own
 * checkpoint. They share one governor, so that the target is looked at once and holds all of them,
 * one limit for rows set aside, and one end: what stops one of them stops all within a batch, except
 * a lock of somebody else, which the others need not wait for.
 */
export class BackfillCrew implements Crew {
  readonly #slice: OpenSlice;
  readonly governor: Governor;
  readonly #quiet: QuietHours;
  readonly #workers: readonly BackfillRun[];
  /** Those that have had their turn, or have it. */
  readonly #begun = new Set<BackfillRun>();
  /** Those that move batches, or try to. */
  readonly #atWork = new Set<BackfillRun>();
  #pacing: Pacing;
  #halted = false;
  #holding: Promise<void> | undefined;
  #batches: readonly BatchFigures[] = [];

  /** @param checkpoints those of all parts */
  constructor(slice: OpenSlice, checkpoints: readonly [Checkpoint, ...Checkpoint[]]) {
    this.#slice = slice;
    this.governor = new Governor(slice, checkpoints[0]);
    this.#quiet = new QuietHours(slice.step.pacing, slice.context.clock);
    this.#pacing = withinBytes(slice.step.pacing, slice.rowBytes);
    this.#workers = checkpoints.map((checkpoint) => new BackfillRun(slice, checkpoint, this));
  }

  /** @throws DatabaseError for what failed outside of a batch; no worker is left behind */
  async run(): Promise<SliceOutcome> {
    await this.#tune();
    if (this.#open.length > 0) await this.governor.look();
    const queue = [...this.#workers];
    const lanes = Array.from({ length: this.#atOnce }, () => this.#lane(queue));
    const ends = await Promise.allSettled(lanes);
    const outcomes = ends.flatMap((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
    await this.governor.remember();
    return worstOf(outcomes);
  }

  /** A part is cut for each worker; partitions may be more than there are workers. */
  get #atOnce(): number {
    const areParts = this.#workers.every(({ figures }) => figures.checkpoint.partition);
    return areParts ? (this.#slice.step.pacing.workers ?? 1) : this.#workers.length;
  }

  get pacing(): Pacing {
    return this.#pacing;
  }

  get setAside(): number {
    return this.#workers.reduce((total, { setAside }) => total + setAside, 0);
  }

  async mayGoOn(worker: BackfillRun): Promise<SliceOutcome | 'held' | undefined> {
    await this.#tune();
    const stop =
      (await reasonToStop(this.#slice.context)) ??
      (await this.#holdStill()) ??
      (await this.#rest(worker));
    // One of the others has ended for a reason that is its own to tell.
    if (this.#halted) return { kind: 'continue' };
    if (stop !== undefined && stop !== 'held') this.#halted = true;
    return stop;
  }

  moved(figures: BatchFigures): void {
    this.#batches = [...this.#batches, figures].slice(-SHOWN_BATCHES);
  }

  async report(): Promise<void> {
    const { context, step } = this.#slice;
    await context.report(
      progressOf({
        step,
        governor: this.governor,
        parts: this.#workers.map((worker) => ({
          ...worker.figures,
          begun: this.#begun.has(worker),
        })),
        atOnce: this.#pacing.workers ?? this.#atOnce,
        now: context.clock.now(),
        batches: this.#batches,
        limit: saidOfBytes(this.#pacing, this.#slice.rowBytes),
      }),
    );
  }

  /** Goes from one part to the next, until there is none left or one of them does not end. */
  async #lane(queue: BackfillRun[]): Promise<readonly SliceOutcome[]> {
    const outcomes: SliceOutcome[] = [];
    for (let last: BackfillRun | undefined; ; ) {
      const worker = queue.shift();
      if (worker === undefined) return outcomes;
      this.#begun.add(worker);
      if (last !== undefined) worker.startAs(last);
      const outcome = await this.#untilEnd(worker);
      outcomes.push(outcome);
      if (outcome.kind !== 'done') return outcomes;
      last = worker;
    }
  }

  async #untilEnd(worker: BackfillRun): Promise<SliceOutcome> {
    this.#atWork.add(worker);
    try {
      for (;;) {
        const outcome = await worker.untilEnd();
        const mayTryAgain = outcome.kind === 'wait' && (await this.#outwait(worker, outcome));
        if (mayTryAgain) continue;
        this.#halted ||= outcome.kind !== 'done' && outcome.kind !== 'wait';
        return outcome;
      }
    } catch (error) {
      this.#halted = true;
      throw error;
    } finally {
      this.#atWork.delete(worker);
    }
  }

  /**
   * Stays out of the way of a lock for as long as the call would, while others have work to do.
   * @returns whether to try again; otherwise the call waits
   */
  async #outwait(
    worker: BackfillRun,
    { seconds }: Extract<SliceOutcome, { readonly kind: 'wait' }>,
  ): Promise<boolean> {
    this.#atWork.delete(worker);
    for (let second = 0; second < seconds; second += 1) {
      if (this.#halted || this.#atWork.size === 0) return false;
      await this.#sleep(durationMs(1_000));
    }
    this.#atWork.add(worker);
    return true;
  }

  /** Somebody wants fewer workers at once: those with the first parts that are not done go on. */
  async #rest(worker: BackfillRun): Promise<'held' | undefined> {
    const { workers } = this.#pacing;
    if (workers === undefined || this.#open.indexOf(worker) < workers) return undefined;
    await this.#sleep(HOLD_POLL_MS);
    return 'held';
  }

  get #open(): readonly BackfillRun[] {
    return this.#workers.filter(({ figures }) => figures.checkpoint.position.kind !== 'end');
  }

  /** What somebody tuned holds from the next batch on. */
  async #tune(): Promise<void> {
    const { tuning = {} } = await this.#slice.context.flags();
    const { step, rowBytes } = this.#slice;
    this.#pacing = withinBytes(tunedPacing(step.pacing, tuning, this.#quiet.now()), rowBytes);
    this.governor.tune(tuning);
  }

  /** Waits a second while the target is under load: all workers the same second. */
  async #holdStill(): Promise<SliceOutcome | 'held' | undefined> {
    const { state } = this.governor;
    if (state.kind === 'running') return undefined;
    if (this.governor.heldForMs > HOLD_PATIENCE_MS) return waitFor(state.reason);
    this.#holding ??= this.#lookLater().finally(() => {
      this.#holding = undefined;
    });
    await this.#holding;
    return 'held';
  }

  async #lookLater(): Promise<void> {
    await this.report();
    await this.#sleep(HOLD_POLL_MS);
    await this.governor.look();
  }

  async #sleep(wanted: DurationMs): Promise<void> {
    const { clock, until } = this.#slice.context;
    await clock.sleep(durationMs(Math.max(0, Math.min(wanted, until - clock.now()))));
  }
}
