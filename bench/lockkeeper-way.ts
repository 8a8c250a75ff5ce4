import { setTimeout as sleep } from 'node:timers/promises';
import {
  durationMs,
  type ExecutionId,
  epochMs,
  fencingToken,
  type StepId,
} from '../lib/core/ids.ts';
import type { BackfillStep } from '../lib/core/plan/plan.ts';
import { runBackfillSlice, type SliceOutcome } from '../lib/engine/backfill/run-backfill-slice.ts';
import { pgDatabase } from '../lib/local/pg-database.ts';
import type { Clock } from '../lib/ports/clock.ts';
import type { Database } from '../lib/ports/database.ts';
import { adoptFence, type Fence } from '../lib/postgres/ledger/fence.ts';
import { type BatchSample, batchSampler } from './batch-samples.ts';
import { distantDatabase } from './distant-database.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

/** How the engine is driven. */
export interface LockkeeperOptions {
  readonly url: string;
  readonly shape: ShapeName;
  /** Way to the database, in milliseconds a call. */
  readonly hopMs: number;
  /** Ranges at once. @default 1 */
  readonly workers?: number;
  /** No batch starts after this many milliseconds. @default - until it is done */
  readonly forMs?: number;
  /** Rows that may be set aside. @default 0 */
  readonly quarantineLimit?: number;
  /** Puts something between the engine and the database. @default - nothing */
  readonly through?: (database: Database) => Database;
}

/** What the engine said about itself. */
export interface LockkeeperRun {
  readonly finished: boolean;
  /** Rows changed, as the ledger has it. */
  readonly rows: number;
  /** Keys passed, as the last report has it. */
  readonly rowsDone: number;
  /** The strategies that the planner chose, in order, each with its reason as of the last report with it. */
  readonly strategies: readonly string[];
  /** Every batch, in order. */
  readonly batches: readonly BatchSample[];
}

/** Of the one execution of a benchmark. */
export const FENCE: Fence = {
  executionId: '0001_bench-aaaa' as ExecutionId,
  token: fencingToken(1),
};
/** A slice that must wait is called again, as the workflow would, only sooner. */
const RECALL_MS = 1_000;
/** What a batch should take: the default of a migration file. */
export const TARGET_BATCH_MS = 100;
const LONGEST_MS = 3_600_000;

/** Real time. */
export const CLOCK: Clock = {
  now: () => epochMs(Date.now()),
  sleep: (duration) => sleep(duration),
  random: Math.random,
};

/** Moves the rows with the engine itself: its ledger, its fence, its slices, its default pace. */
export async function runLockkeeper(options: LockkeeperOptions): Promise<LockkeeperRun> {
  const start = performance.now();
  const sampler = batchSampler(() => (performance.now() - start) / 1_000);
  const { through = (direct) => direct } = options;
  const database = pgDatabase({ url: options.url });
  const strategies = new Map<string, string>();
  let rows = 0;
  let rowsDone = 0;
  try {
    await adoptFence(database, FENCE);
    const until = epochMs(Date.now() + (options.forMs ?? LONGEST_MS));
    for (;;) {
      const outcome = await runBackfillSlice(stepOf(options.shape, options), {
        database: through(distantDatabase(database, options.hopMs)),
        clock: CLOCK,
        fence: FENCE,
        until,
        flags: async () => ({ paused: false, abort: undefined }),
        report: async (progress) => {
          sampler.look(progress.batches);
          rows = progress.rowsMoved ?? rows;
          rowsDone = progress.rowsDone ?? rowsDone;
          const said = strategyIn(progress.note);
          if (said !== undefined) strategies.set(said.order, said.sentence);
        },
      });
      if (!(await goesOn(outcome))) {
        const finished = outcome.kind === 'done';
        const chosen = [...strategies.values()];
        return { finished, rows, rowsDone, strategies: chosen, batches: sampler.samples };
      }
      if (Date.now() >= until) throw new Error('the backfill was held until its time was up');
    }
  } finally {
    await database.close();
  }
}

async function goesOn(outcome: SliceOutcome): Promise<boolean> {
  switch (outcome.kind) {
    case 'done':
    case 'continue':
      return false;
    case 'wait':
      await sleep(RECALL_MS);
      return true;
    case 'aborted':
    case 'failed':
    case 'fenced':
      throw new Error(`the backfill ended as ${JSON.stringify(outcome)}`);
  }
}

/** The part of a progress note that explains the order of the rows. */
function strategyIn(
  note: string | undefined,
): { readonly order: string; readonly sentence: string } | undefined {
  const found =
    /(?:^|; )((page by page, [^;]*?(?:strided by \d+|plain ranges)|strided by \d+(?:, [\d ]+ rows of a page)?|plain ranges): [^;]*)/.exec(
      note ?? '',
    );
  const [, sentence, order] = found ?? [];
  return sentence === undefined || order === undefined ? undefined : { order, sentence };
}

/** The pace is the default of a migration file, apart from what is given. */
export function stepOf(
  shape: ShapeName,
  { workers = 1, quarantineLimit = 0 }: Pick<LockkeeperOptions, 'workers' | 'quarantineLimit'> = {},
): BackfillStep {
  const { keyType, target } = SHAPES[shape];
  return {
    kind: 'backfill',
    stepId: 'fill' as StepId,
    phase: 'migrate',
    table: { schema: 'public', name: 'items' },
    key: [{ name: 'id', type: keyType }],
    work: { kind: 'update', set: { [target.column]: target.expression }, where: undefined },
    pacing: {
      targetBatchMs: durationMs(TARGET_BATCH_MS),
      minRows: 100,
      maxRows: 50_000,
      pauseMs: durationMs(0),
      quarantineLimit,
      workers,
    },
    // As the compiler finds for these expressions.
    repeatable: true,
    estimatedRows: -1,
    undo: { kind: 'nothing', why: 'the database is dropped' },
    wayBack: { kind: 'structural', loses: 'nothing' },
  };
}
