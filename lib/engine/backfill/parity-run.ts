import type { KeyValue } from '../../core/backfill/key.ts';
import {
  LISTED_KEYS,
  type ParityPass,
  PROOF_MS,
  REPAIR_ATTEMPTS,
} from '../../core/backfill/parity.ts';
import type { Position } from '../../core/backfill/position.ts';
import type { KeyRange } from '../../core/backfill/range.ts';
import { afterBatch, cut, type Servo, startServo } from '../../core/backfill/servo.ts';
import { durationMs } from '../../core/ids.ts';
import { DatabaseError } from '../../ports/database.ts';
import type { Tally } from '../../postgres/backfill/checkpoint.ts';
import { walksPages } from '../../postgres/backfill/page-walk.ts';
import {
  beginParity,
  endClean,
  noteExamples,
  type ParityProgress,
  readParity,
} from '../../postgres/backfill/parity-progress.ts';
import {
  type Comparison,
  compareStatement,
  mismatchesQuery,
  type ParityClaim,
} from '../../postgres/backfill/parity-statement.ts';
import type { Ahead } from './attempt-batch.ts';
import { type BatchFailure, classifyFailure } from './batch-failure.ts';
import { compareInSnapshot } from './compare-in-snapshot.ts';
import { Governor } from './governor.ts';
import type { OpenSlice } from './open-slice.ts';
import { aheadOf, comparedRange, nextMove } from './parity-move.ts';
import { parityProgress, verdict } from './parity-verdict.ts';
import { repairRange } from './repair-range.ts';
import { reasonToStop, type SliceOutcome, waitFor } from './slice.ts';

/**
 * Comparing takes no row locks, so nobody waits for it; what it may do harm with is the snapshot that
 * it holds, and half a second of that is nothing to a vacuum. Five times a batch of the backfill.
 */
const TARGET_MS = durationMs(500);
const SIZE = { targetBatchMs: TARGET_MS, minRows: 100, maxRows: 1_000_000 } as const;
/** What is compared first where nothing is known of the batches that moved the rows. */
const FIRST_ROWS = 10_000;
/** A batch took a tenth of a second to compute its values and write them; computing them again takes less. */
const BATCHES = 5;
/** A statement that is ended by a limit is tried again with a fifth of its rows. */
const SHRINKING_ATTEMPTS = 5;
/** Whether it was counted is in the ledger: it is read again before each attempt. */
const TOO_LONG: ReadonlySet<BatchFailure> = new Set(['slow', 'unknown']);
const HOLD_POLL_MS = durationMs(1_000);
/** As of a backfill: a hold that lasts longer is waited for outside. */
const HOLD_PATIENCE_MS = 15_000;

/** One call of a pass that compares old and new, range by range. */
export class ParityRun {
  readonly #slice: OpenSlice;
  readonly #comparison: Comparison;
  readonly #pass: ParityPass;
  readonly #governor: Governor;
  readonly #tally: Tally;
  #servo: Servo;
  #attempts = 0;
  #ahead: Ahead | undefined;
  #lastMs = 0;

  constructor(slice: OpenSlice, tally: Tally, comparison: Comparison, pass: ParityPass) {
    this.#slice = slice;
    this.#comparison = comparison;
    this.#tally = tally;
    this.#pass = pass;
    this.#governor = new Governor(slice, tally);
    this.#servo = startServo(
      SIZE,
      tally.batchRows === undefined ? FIRST_ROWS : BATCHES * tally.batchRows,
    );
  }

  /** @throws DatabaseError */
  async run(): Promise<SliceOutcome> {
    let progress = await this.#begun();
    if (progress === undefined) return { kind: 'fenced' };
    await this.#tune();
    if (progress.endedMsAgo === undefined) await this.#governor.look();
    const stopped = await this.#scan(progress);
    if (stopped !== undefined) return stopped;
    for (let next: ParityProgress | undefined; ; ) {
      next ??= await this.#read();
      if (next === undefined) return { kind: 'fenced' };
      progress = next;
      next = undefined;
      const { position, goal } = progress;
      if (position.kind === 'end' || goal === undefined || this.#hopeless(progress)) {
        const ended = await this.#end(progress);
        if (ended !== undefined) return ended;
      } else {
        await this.#tune();
        const stop = (await reasonToStop(this.#slice.context)) ?? (await this.#holdStill(progress));
        if (stop !== undefined && stop !== 'held') return stop;
        if (stop === undefined) next = await this.#compareOrShrink(progress, position, goal);
      }
    }
  }

  /**
   * Where the key is in random order, one snapshot tells whether all is equal. When it does not, or
   * does not fit a call, the key is walked.
   * @returns why the call ends; undefined: it goes on, from where the ledger says
   */
  async #scan(progress: ParityProgress): Promise<SliceOutcome | undefined> {
    const slice = this.#slice;
    const { position, goal } = progress;
    const isNew = position.kind === 'between' && position.after === undefined;
    const isWorth = slice.facts.keyOrder === 'scattered' && slice.pagesWalkable;
    if (goal === undefined || !isNew || !isWorth || walksPages(slice.step)) return undefined;
    let stop: SliceOutcome | undefined;
    const result = await compareInSnapshot(slice, this.#comparison, {
      goesOn: async () => {
        await this.#tune();
        const found = (await reasonToStop(slice.context)) ?? (await this.#holdStill(progress));
        stop = found === 'held' ? undefined : found;
        return stop === undefined;
      },
      alongside: (query) => this.#governor.alongside(TARGET_MS, query),
      compared: (compared) => this.#report({ ...progress, compared }, 'running'),
    });
    if (result.kind === 'equal') {
      await endClean(slice.context.database, this.#claim(progress), result.count);
    } else if (stop?.kind === 'continue') {
      // What did not fit this call would not fit the next one: from now on, by the key.
      await this.#compareOrShrink(progress, position, goal);
    }
    return stop;
  }

  #claim({ revision }: ParityProgress): ParityClaim {
    const { context, step } = this.#slice;
    return { fence: context.fence, stepId: step.stepId, pass: this.#pass, revision };
  }

  async #tune(): Promise<void> {
    const { tuning = {} } = await this.#slice.context.flags();
    this.#governor.tune(tuning);
  }

  async #begun(): Promise<ParityProgress | undefined> {
    const known = await this.#read();
    const stale = known?.endedMsAgo !== undefined && known.endedMsAgo > PROOF_MS[this.#pass];
    if (known !== undefined && !stale) return known;
    await this.#begin(1);
    return await this.#read();
  }

  async #read(): Promise<ParityProgress | undefined> {
    const { context, step } = this.#slice;
    return await readParity(context.database, context.fence, step.stepId, this.#pass);
  }

  async #begin(attempt: number): Promise<void> {
    const { context, step } = this.#slice;
    const claim = { fence: context.fence, stepId: step.stepId, pass: this.#pass };
    await beginParity(context.database, step, claim, attempt);
    this.#ahead = undefined;
  }

  /** Nothing more is learned by going on: it is not clean, and enough keys are known. */
  #hopeless({ examples }: ParityProgress): boolean {
    return this.#comparison.parity.onMismatch === 'stop' && examples.length >= LISTED_KEYS;
  }

  /** @returns undefined: differences were repaired, and it is looked at again */
  async #end(progress: ParityProgress): Promise<SliceOutcome | undefined> {
    const outcome = verdict(this.#slice.step, this.#tally, progress);
    if (outcome.kind === 'done') {
      await this.#report(progress, 'done');
      return outcome;
    }
    const { onMismatch } = this.#comparison.parity;
    if (onMismatch === 'stop' || progress.attempt >= REPAIR_ATTEMPTS) {
      await this.#report(progress, 'running');
      // Looked at again from the start when somebody resumes it.
      await this.#begin(1);
      return outcome;
    }
    await this.#begin(progress.attempt + 1);
    return undefined;
  }

  async #holdStill(progress: ParityProgress): Promise<SliceOutcome | 'held' | undefined> {
    const { state } = this.#governor;
    if (state.kind === 'running') return undefined;
    if (this.#governor.heldForMs > HOLD_PATIENCE_MS) return waitFor(state.reason);
    await this.#report(progress, 'held', state.reason);
    const { clock, until } = this.#slice.context;
    await clock.sleep(durationMs(Math.max(0, Math.min(HOLD_POLL_MS, until - clock.now()))));
    await this.#governor.look();
    return 'held';
  }

  /**
   * An expression may be slow, and where calls have a limit, a range must fit it.
   * @returns where the pass stands now; undefined: the ledger says
   */
  async #compareOrShrink(
    progress: ParityProgress,
    position: Exclude<Position, { kind: 'end' }>,
    goal: KeyValue,
  ): Promise<ParityProgress | undefined> {
    try {
      const next = await this.#compare(progress, position, goal);
      this.#attempts = 0;
      return next;
    } catch (error) {
      const slow = error instanceof DatabaseError && TOO_LONG.has(classifyFailure(error));
      if (!slow || this.#attempts >= SHRINKING_ATTEMPTS) throw error;
      this.#attempts += 1;
      this.#servo = cut(this.#servo, SIZE);
      this.#ahead = undefined;
      return undefined;
    }
  }

  async #compare(
    progress: ParityProgress,
    position: Exclude<Position, { kind: 'end' }>,
    goal: KeyValue,
  ): Promise<ParityProgress | undefined> {
    const { context, step, hopMs } = this.#slice;
    const claim = this.#claim(progress);
    const place = { position, goal, rows: this.#servo.rows, ahead: this.#ahead };
    const move = await nextMove(this.#slice, this.#comparison, place);
    const statement = compareStatement(this.#comparison, claim, move);
    const { row, ms } = await this.#governor.alongside(this.#lastMs, async () => {
      const start = context.clock.now();
      const [first] = await context.database.query(statement);
      return { row: first, ms: context.clock.now() - start };
    });
    const rows = Number(row?.['compared']);
    const different = Number(row?.['different']);
    const range = comparedRange(move, place, row);
    this.#ahead = range && aheadOf(step, move, range, row);
    this.#lastMs = Math.max(Number(row?.['server_ms']), ms - hopMs);
    this.#servo = afterBatch(this.#servo, { keys: rows, ms: this.#lastMs }, SIZE);
    if (row?.['revision'] != null && range !== undefined && different > 0) {
      await this.#onMismatch({ ...claim, revision: String(row['revision']) }, range, progress);
    }
    const compared = progress.compared + rows;
    const now = { ...progress, compared, different: progress.different + different };
    await this.#report(now, 'running');
    const revision = row?.['revision'];
    const isKnown = move.kind === 'range' && move.next.kind !== 'end' && different === 0;
    if (!isKnown || typeof revision !== 'string') return undefined;
    return { ...now, revision, position: move.next };
  }

  async #onMismatch(
    claim: Parameters<typeof noteExamples>[1],
    range: KeyRange,
    progress: ParityProgress,
  ): Promise<void> {
    const { database } = this.#slice.context;
    const missing = LISTED_KEYS - progress.examples.length;
    if (missing > 0) {
      const rows = await database.query(mismatchesQuery(this.#comparison, range, missing));
      const keys = rows.map((row) => JSON.parse(String(row['key'])) as KeyValue);
      await noteExamples(database, claim, [...progress.examples, ...keys]);
    }
    const { onMismatch } = this.#comparison.parity;
    // The last pass only finds out whether the repairs before it have helped.
    if (onMismatch === 'repair' && progress.attempt < REPAIR_ATTEMPTS) {
      await repairRange(this.#slice, this.#comparison, claim, range);
    }
  }

  async #report(
    progress: ParityProgress,
    state: 'running' | 'held' | 'done',
    heldBy?: string,
  ): Promise<void> {
    const { context, step } = this.#slice;
    const now = context.clock.now();
    await context.report(
      parityProgress({
        step,
        tally: this.#tally,
        progress,
        state,
        heldBy,
        load: this.#governor.signals,
        now,
      }),
    );
  }
}
