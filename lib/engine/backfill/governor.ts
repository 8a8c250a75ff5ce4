import { describeSignals, type SignalFigures } from '../../core/backfill/signal-figures.ts';
import { type SignalReading, THRESHOLDS, type Thresholds } from '../../core/backfill/signals.ts';
import { chooseStrategy, type Strategy, type StrategyFacts } from '../../core/backfill/strategy.ts';
import {
  parseHold,
  type ThrottleState,
  throttle,
  writeHold,
} from '../../core/backfill/throttle.ts';
import { type Tuning, tunedThresholds } from '../../core/backfill/tuning.ts';
import { durationMs, type EpochMs } from '../../core/ids.ts';
import { type Checkpoint, recordObservations } from '../../postgres/backfill/checkpoint.ts';
import type { TableLoad } from '../../postgres/backfill/table-load.ts';
import type { OpenSlice } from './open-slice.ts';
import { SignalReader, unlessFailed } from './signal-reader.ts';

/** A reading costs a millisecond and a commit, so once a second it is a hundredth of the work. */
const READ_EVERY_MS = 1_000;
/**
 * Sessions publish their statistics about once a second: over ten seconds the share is right to a
 * few percent, given a thousand updates.
 */
const MEASURE_MS = 10_000;
const MEASURE_UPDATES = 1_000;
/** With an older snapshot around, a poor HOT share says nothing about the strategy. */
const SNAPSHOT_SPOILS_MS = 10_000;

/**
 * Watches the target while batches run: whether they may go on, and whether the strategy pays.
 * What it learned is kept in the checkpoint, so that the next call does not learn it again.
 */
export class Governor {
  readonly #slice: OpenSlice;
  readonly #reader: SignalReader;
  #state: ThrottleState;
  #strategy: Strategy;
  #hotShare: StrategyFacts['hotShare'];
  #reading: SignalReading | undefined;
  #seesOthers = true;
  #readAt: EpochMs | undefined;
  /** One look is for the batches of all workers. */
  #isLooking = false;
  #heldSince: EpochMs | undefined;
  #thresholds: Thresholds = THRESHOLDS;
  #keys: 'dense' | 'sparse' = 'sparse';
  #measuredFrom: { readonly at: EpochMs; readonly load: TableLoad } | undefined;

  constructor(slice: OpenSlice, checkpoint: Pick<Checkpoint, 'hotShare' | 'heldBy'>) {
    this.#slice = slice;
    this.#reader = new SignalReader(slice);
    this.#hotShare = checkpoint.hotShare;
    this.#state = parseHold(checkpoint.heldBy);
    this.#strategy = this.#choose();
  }

  /** From the next reading on. */
  tune(tuning: Tuning): void {
    this.#thresholds = tunedThresholds(tuning);
  }

  /** What the last batch has shown: whether keys take most numbers, so that they are listed. */
  keysAre(keys: 'dense' | 'sparse'): void {
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.#strategy = this.#choose();
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

  /** Every signal that this target has, and which of them hold. */
  get signals(): readonly SignalFigures[] {
    return describeSignals(this.#reading, this.#thresholds, this.#state);
  }

  /** Things that slow the backfill down without holding it, for the progress line. */
  get remarks(): readonly string[] {
    return [
      ...(this.#reading?.vacuum === 1 ? ['a vacuum works on the table'] : []),
      ...(this.#seesOthers ? [] : ['grant pg_monitor to see who waits for us']),
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
    const look = await this.#reader.read();
    const now = look?.at ?? this.#slice.context.clock.now();
    this.#readAt = now;
    this.#reading = look?.signals;
    this.#seesOthers = look?.load.seesOthers ?? true;
    const before = this.#state.kind;
    this.#state = throttle(this.#state, this.#reading, this.#thresholds);
    this.#heldSince = this.#state.kind === 'held' ? (this.#heldSince ?? now) : undefined;
    if (look !== undefined) this.#measure(now, look.load);
    this.#strategy = this.#choose();
    if (this.#state.kind !== before) await this.remember();
  }

  /** Keeps what was learned for the next call. */
  async remember(): Promise<void> {
    const { context, step } = this.#slice;
    await unlessFailed(
      recordObservations(context.database, context.fence, step.stepId, {
        hotShare: this.#hotShare,
        heldBy: writeHold(this.#state),
      }),
    );
  }

  #measure(now: EpochMs, load: TableLoad): void {
    const from = this.#measuredFrom;
    const spoiled = oldestSnapshotMs(load.signals) >= SNAPSHOT_SPOILS_MS;
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
      listed: this.#slice.facts.listed && this.#keys === 'dense',
      oldestSnapshotSeconds: oldestSnapshotMs(this.#reading) / 1_000,
      hotShare: this.#hotShare,
    });
    // Updates of one strategy must not be counted for the other.
    if (this.#strategy !== undefined && chosen.kind !== this.#strategy.kind) {
      this.#measuredFrom = undefined;
    }
    return chosen;
  }
}

function oldestSnapshotMs(reading: Pick<SignalReading, 'oldestSnapshot'> | undefined): number {
  return typeof reading?.oldestSnapshot === 'number' ? reading.oldestSnapshot : 0;
}
