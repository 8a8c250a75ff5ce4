import { chooseStrategy, type Strategy, type StrategyFacts } from '../../core/backfill/strategy.ts';
import {
  RUNNING,
  THRESHOLDS,
  type Thresholds,
  type ThrottleReading,
  type ThrottleState,
  throttle,
} from '../../core/backfill/throttle.ts';
import { type Tuning, tunedThresholds } from '../../core/backfill/tuning.ts';
import { durationMs, type EpochMs } from '../../core/ids.ts';
import { DatabaseError } from '../../ports/database.ts';
import { tagOf } from '../../postgres/backfill/batch-statement.ts';
import { type Checkpoint, recordObservations } from '../../postgres/backfill/checkpoint.ts';
import { readTableLoad, type TableLoad } from '../../postgres/backfill/table-load.ts';
import type { OpenSlice } from './open-slice.ts';

/** A reading costs about a millisecond, so once a second it is a thousandth of the work. */
const READ_EVERY_MS = 1_000;
/**
 * Sessions publish their statistics about once a second: over ten seconds the share is right to a
 * few percent, given a thousand updates.
 */
const MEASURE_MS = 10_000;
const MEASURE_UPDATES = 1_000;
/** A burst shorter than this is no rate. */
const SHORTEST_WAL_MS = 200;
/** With an older snapshot around, a poor HOT share says nothing about the strategy. */
const SNAPSHOT_SPOILS_SECONDS = 10;

/**
 * Watches the target while batches run: whether they may go on, and whether the strategy pays.
 * What it learned is kept in the checkpoint, so that the next call does not learn it again.
 */
export class Governor {
  readonly #slice: OpenSlice;
  #state: ThrottleState;
  #strategy: Strategy;
  #hotShare: StrategyFacts['hotShare'];
  #reading: ThrottleReading | undefined;
  #readAt: EpochMs | undefined;
  /** One look is for the batches of all workers. */
  #isLooking = false;
  #heldSince: EpochMs | undefined;
  #thresholds: Thresholds = THRESHOLDS;
  #walFrom: { readonly at: EpochMs; readonly bytes: number; readonly rate: number } | undefined;
  #measuredFrom: { readonly at: EpochMs; readonly load: TableLoad } | undefined;

  constructor(slice: OpenSlice, checkpoint: Pick<Checkpoint, 'hotShare' | 'heldBy'>) {
    this.#slice = slice;
    this.#hotShare = checkpoint.hotShare;
    this.#state =
      checkpoint.heldBy === undefined ? RUNNING : { kind: 'held', reason: checkpoint.heldBy };
    this.#strategy = this.#choose();
  }

  /** From the next reading on. */
  tune(tuning: Tuning): void {
    this.#thresholds = tunedThresholds(tuning);
  }

  get strategy(): Strategy {
    return this.#strategy;
  }

  get state(): ThrottleState {
    return this.#state;
  }

  /** How long the hold has lasted in this call; 0 when there is none. */
  get heldForMs(): number {
    if (this.#heldSince === undefined) return 0;
    return this.#slice.context.clock.now() - this.#heldSince;
  }

  /** Things that slow the backfill down without holding it, for the progress line. */
  get remarks(): readonly string[] {
    if (this.#reading === undefined) return [];
    return [
      ...(this.#reading.vacuum ? ['a vacuum works on the table'] : []),
      ...(this.#reading.seesOthers ? [] : ['grant pg_monitor to see who waits for us']),
    ];
  }

  /** Runs `batch` and, when a reading is due, takes it in the middle of it. */
  async alongside<T>(expectedMs: number, batch: () => Promise<T>): Promise<T> {
    const { clock } = this.#slice.context;
    const due = this.#readAt === undefined || clock.now() - this.#readAt >= READ_EVERY_MS;
    if (!due || this.#isLooking) return await batch();
    this.#isLooking = true;
    const looking = clock
      .sleep(durationMs(expectedMs / 2))
      .then(() => this.look())
      .finally(() => {
        this.#isLooking = false;
      });
    // Both are awaited whatever happens: a look that is left behind would use a closed database.
    const [outcome, look] = await Promise.allSettled([batch(), looking]);
    if (outcome.status === 'rejected') throw outcome.reason;
    if (look.status === 'rejected') throw look.reason;
    return outcome.value;
  }

  /** Takes a reading now. A target that cannot be read is held. */
  async look(): Promise<void> {
    const { context, step, replicas } = this.#slice;
    const tag = tagOf({ fence: context.fence, stepId: step.stepId });
    const read = () => unlessFailed(readTableLoad(context.database, step.table, tag, replicas));
    let load = await read();
    if (this.#walFrom === undefined && this.#state.kind === 'held' && load !== undefined) {
      // What held an earlier call may go on: a rate needs two readings, and none is no reason to go on.
      this.#walRate(context.clock.now(), load);
      await context.clock.sleep(durationMs(SHORTEST_WAL_MS));
      load = await read();
    }
    const now = context.clock.now();
    this.#readAt = now;
    this.#reading = load && { ...load.throttle, walBytesPerSecond: this.#walRate(now, load) };
    const before = this.#state.kind;
    this.#state = throttle(this.#state, this.#reading, this.#thresholds);
    this.#heldSince = this.#state.kind === 'held' ? (this.#heldSince ?? now) : undefined;
    if (load !== undefined) this.#measure(now, load);
    this.#strategy = this.#choose();
    if (this.#state.kind !== before) await this.remember();
  }

  /** Keeps what was learned for the next call. */
  async remember(): Promise<void> {
    const { context, step } = this.#slice;
    await unlessFailed(
      recordObservations(context.database, context.fence, step.stepId, {
        hotShare: this.#hotShare,
        heldBy: this.#state.kind === 'held' ? this.#state.reason : undefined,
      }),
    );
  }

  /** Bytes a second since the last reading; readings in the same moment tell nothing new. */
  #walRate(now: EpochMs, { walBytes }: TableLoad): number {
    if (walBytes === undefined) return 0;
    const from = this.#walFrom;
    const ms = from === undefined ? 0 : now - from.at;
    if (from !== undefined && ms < SHORTEST_WAL_MS) return from.rate;
    const rate = from === undefined ? 0 : ((walBytes - from.bytes) / ms) * 1_000;
    this.#walFrom = { at: now, bytes: walBytes, rate };
    return rate;
  }

  #measure(now: EpochMs, load: TableLoad): void {
    const from = this.#measuredFrom;
    const spoiled = load.throttle.oldestSnapshotSeconds >= SNAPSHOT_SPOILS_SECONDS;
    if (from === undefined || spoiled) {
      this.#measuredFrom = { at: now, load };
      return;
    }
    const updates = load.updates - from.load.updates;
    if (now - from.at < MEASURE_MS || updates < MEASURE_UPDATES) return;
    const share = (load.hotUpdates - from.load.hotUpdates) / updates;
    this.#hotShare = { ...this.#hotShare, [this.#strategy.kind]: share };
    this.#measuredFrom = { at: now, load };
  }

  #choose(): Strategy {
    const chosen = chooseStrategy({
      ...this.#slice.facts,
      oldestSnapshotSeconds: this.#reading?.oldestSnapshotSeconds ?? 0,
      hotShare: this.#hotShare,
    });
    // Updates of one strategy must not be counted for the other.
    if (this.#strategy !== undefined && chosen.kind !== this.#strategy.kind) {
      this.#measuredFrom = undefined;
    }
    return chosen;
  }
}

/** Undefined when the database failed; what it is used for has an answer for that. */
async function unlessFailed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}
