import type { Stride } from '../../core/backfill/range.ts';
import { crewSize } from '../../core/backfill/split.ts';
import { quoteQualified } from '../../core/backfill/sql-text.ts';
import type { StrategyFacts } from '../../core/backfill/strategy.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import { loadParser } from '../../core/sql/parser.ts';
import { DatabaseError } from '../../ports/database.ts';
import {
  type Checkpoint,
  createCheckpoint,
  readCheckpoints,
} from '../../postgres/backfill/checkpoint.ts';
import { cutParts } from '../../postgres/backfill/cut-parts.ts';
import {
  type BackfillTable,
  describeBackfillTable,
  type TableDescription,
} from '../../postgres/backfill/describe-table.ts';
import { type LoadSources, loadSources } from '../../postgres/backfill/load-sources.ts';
import { walksPages } from '../../postgres/backfill/page-walk.ts';
import { partitionParts } from '../../postgres/backfill/partitions.ts';
import { strideBy } from '../../postgres/backfill/stride-evenness.ts';
import { prepareWork, type Work } from '../../postgres/backfill/work.ts';
import { passesOf } from './passes.ts';
import type { SliceContext, SliceOutcome } from './slice.ts';

/** What is the same for all batches of a call. */
export interface OpenSlice {
  readonly step: BackfillStep;
  readonly context: SliceContext;
  readonly work: Work;
  /** The condition of a row that is still to be done; undefined where the work is done in one walk by the key. */
  readonly pending: string | undefined;
  readonly sources: LoadSources;
  /** Whether what has to see each row once may go through the pages in one snapshot. */
  readonly pagesWalkable: boolean;
  readonly facts: Omit<StrategyFacts, 'oldestSnapshotSeconds' | 'hotShare'>;
  readonly by: Stride['by'];
  /** As it was when the call began. */
  readonly table: TableDescription;
  /** What moving one row writes on average; undefined where it is not known, or nothing is moved. */
  readonly rowBytes: number | undefined;
  /** Whether the server goes through a list of keys in one scan of the index. */
  readonly listsKeys: boolean;
  /** A round trip to the target, in milliseconds; taken off the time of a batch. */
  readonly hopMs: number;
}

export type Opening =
  | {
      readonly kind: 'open';
      readonly slice: OpenSlice;
      /** Those of all parts. */
      readonly checkpoints: readonly [Checkpoint, ...Checkpoint[]];
    }
  | { readonly kind: 'ended'; readonly outcome: SliceOutcome };

/** The sample for the choice of strides; every modulus that is used divides it. */
const SAMPLED_MODULUS = 8;

/** Before, a list of keys is as many descents from the root of the index. */
const KEY_LISTS_FROM = 17;

/** Reads all that batches need to know, and makes the checkpoints of a new backfill. */
export async function openSlice(step: BackfillStep, context: SliceContext): Promise<Opening> {
  const { database, fence } = context;
  const prepared = await prepareWork(step, loadParser);
  if (prepared.kind === 'unusable') return refuse(prepared.reason);
  let reading = await readCheckpoints(database, fence, step.stepId);
  if (reading.kind === 'fenced') return { kind: 'ended', outcome: reading };
  const described = await describe(step, context, reading.kind === 'absent');
  if (described.kind !== 'table') return refuse(refusal(step, described.kind));
  const passes = await passesOf(database, step, described.table, prepared.work, reading);
  if (reading.kind === 'absent') {
    const { estimatedRows } = described.table;
    const wanted = step.pacing.workers ?? 1;
    const { workers } = crewSize({ wanted, byPage: walksPages(step), estimatedRows });
    await createCheckpoint(
      database,
      step,
      fence,
      step.stepId,
      estimatedRows,
      async (goal) =>
        (described.table.partitioned
          ? await partitionParts(database, step, prepared.work)
          : undefined) ?? (await cutParts(database, step, goal, workers, described.table)),
      passes?.first,
    );
    reading = await readCheckpoints(database, fence, step.stepId);
  }
  if (reading.kind !== 'found') return { kind: 'ended', outcome: { kind: 'fenced' } };
  const askedAt = context.clock.now();
  const sources = await loadSources(database);
  const hopMs = context.clock.now() - askedAt;
  const listsKeys = described.table.serverVersion >= KEY_LISTS_FROM;
  const by = await strideBy(database, step, described.table.keyKind, SAMPLED_MODULUS);
  const pending = passes?.pending;
  const standsAlone = prepared.work.stands === 'alone' && pending === undefined;
  return {
    kind: 'open',
    checkpoints: reading.checkpoints,
    slice: {
      step,
      context,
      work: prepared.work,
      sources,
      hopMs,
      pending,
      table: described.table,
      pagesWalkable: described.table.pagesWalkable,
      facts: {
        ...factsOf(described.table, prepared.work, passes?.byPages ?? false),
        workers: Math.min(step.pacing.workers ?? 1, reading.checkpoints.length),
        listed: listsKeys && by === 'value' && standsAlone,
      },
      rowBytes: undefined,
      listsKeys,
      by,
    },
  };
}

/** A table without statistics has no total and bad plans: it is analyzed before the first batch. */
async function describe(
  step: BackfillStep,
  { database }: SliceContext,
  mayAnalyze: boolean,
): Promise<BackfillTable> {
  const options = { byPage: walksPages(step) };
  const described = await describeBackfillTable(database, step.table, options);
  const known = described.kind !== 'table' || described.table.estimatedRows >= 0;
  if (known || !mayAnalyze) return described;
  try {
    await database.submit(`analyze (skip_locked) ${quoteQualified(step.table)}`);
  } catch (error) {
    // Without statistics the walk is the same, only its total and its ETA stay unknown.
    if (!(error instanceof DatabaseError)) throw error;
  }
  return await describeBackfillTable(database, step.table, options);
}

function factsOf(
  table: TableDescription,
  work: Work,
  byPages: boolean,
): Omit<OpenSlice['facts'], 'listed'> {
  const indexed = table.indexes
    .filter((index) => index.preventsHot)
    .flatMap((index) => index.columns.map((column) => ({ column, index: index.name })));
  return {
    updatesWalkedTable: work.updatedColumns.length > 0,
    indexedUpdate: indexed.find(({ column }) => work.updatedColumns.includes(column)),
    keyKind: table.keyKind,
    keyOrder: byPages ? 'clustered' : table.keyOrder,
    secondaryIndexes: table.indexes.length - 1,
    fillfactor: table.fillfactor,
    rowsPerPage: table.rowsPerPage,
    pageBytes: table.pageBytes,
    growth: undefined,
    estimatedRows: table.estimatedRows,
  };
}

function refusal(step: BackfillStep, kind: 'missing' | 'not-a-table' | 'no-usable-key'): string {
  const name = quoteQualified(step.table);
  switch (kind) {
    case 'missing':
      return `table ${name} does not exist`;
    case 'not-a-table':
      return `${name} is not a table`;
    case 'no-usable-key':
      return `table ${name} has no primary key and no unique index over NOT NULL columns: add one before the backfill`;
  }
}

function refuse(reason: string): Opening {
  return { kind: 'ended', outcome: { kind: 'failed', reason } };
}
