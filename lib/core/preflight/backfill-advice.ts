import { chooseStrategy, type StrategyFacts } from '../backfill/strategy.ts';
import type { StepId } from '../ids.ts';
import { quoteName } from '../sql/sql-name.ts';
import { advise, type Condition } from './condition.ts';

/** A backfill and the table that it updates, as far as advice depends on them. */
export interface FilledTable {
  readonly stepId: StepId;
  /** As in SQL. */
  readonly table: string;
  /** Columns of the table that it sets. */
  readonly filled: readonly string[];
  /** Those in the catalog that keep updates of their columns from being HOT, and that stay until then. */
  readonly indexes: readonly TableIndex[];
  /** Those that the plan makes on this table before the backfill begins. */
  readonly newIndexes: readonly NewIndex[];
  readonly partitioned: boolean;
  readonly facts: Omit<StrategyFacts, 'indexedUpdate' | 'oldestSnapshotSeconds' | 'hotShare'>;
}

export interface TableIndex {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether it could be away for a while: no constraint and no partition's index. */
  readonly queriesOnly: boolean;
}

export interface NewIndex {
  readonly stepId: StepId;
  /** Undefined: the server names it. */
  readonly name: string | undefined;
  readonly columns: readonly string[];
}

/**
 * 7.5 to 30 rows a millisecond are updated (core/hazards/estimate.ts), so a smaller table is done
 * in two minutes at the most: less than it takes to change a migration.
 */
const MANY_ROWS = 1_000_000;
/** With one index beside the key there is little that HOT updates could spare. */
const SEVERAL_INDEXES = 2;

/**
 * What would make a backfill cheaper, for its author to weigh; nothing of it has to be done.
 *
 * Measured (docs/benchmarks.md): with the filled column in an index 121,000 rows a second and 973
 * bytes of WAL a row, without 244,000 and 474; the heap grows to 2.1 and to 1.2 times its size. At
 * fillfactor 70 it does not grow, and more than twice the rate of one UPDATE is reached.
 */
export function backfillAdvice(filled: FilledTable): readonly Condition[] {
  const { updatesWalkedTable, estimatedRows } = filled.facts;
  if (!updatesWalkedTable || estimatedRows < MANY_ROWS) return [];
  const existing = filled.indexes.flatMap((index) => indexed(filled, index));
  const planned = filled.newIndexes.flatMap((index) => indexed(filled, index));
  const [first] = [...existing, ...planned];
  if (first === undefined) return roomAdvice(filled);
  // While another index has the column as well, dropping one of them makes no update HOT.
  const couldBeHot = goesInStrides(filled) && existing.every(({ index }) => index.queriesOnly);
  return [
    ...planned.map((found) => laterAdvice(filled, found, couldBeHot && existing.length === 0)),
    ...(couldBeHot ? existing.map((found) => dropAdvice(filled, found)) : []),
  ];
}

interface Indexed<Index> {
  readonly index: Index;
  readonly column: string;
}

function indexed<Index extends { readonly columns: readonly string[] }>(
  { filled }: FilledTable,
  index: Index,
): readonly Indexed<Index>[] {
  const column = filled.find((each) => index.columns.includes(each));
  return column === undefined ? [] : [{ index, column }];
}

function laterAdvice(
  filled: FilledTable,
  { index, column }: Indexed<NewIndex>,
  makesHot: boolean,
): Condition {
  const name = index.name === undefined ? 'an index' : `index ${quoteName(index.name)}`;
  return advise(
    'indexed-backfill',
    `step ${index.stepId} makes ${name} on ${quoteName(column)} before backfill ${filled.stepId} fills it: ${costOfIndex(filled)}`,
    `make it after the backfill, in validate, unless the application needs it earlier${makesHot ? `; ${SPARED}` : ''}`,
  );
}

function dropAdvice(filled: FilledTable, { index, column }: Indexed<TableIndex>): Condition {
  const name = quoteName(index.name);
  return advise(
    'indexed-backfill',
    `backfill ${filled.stepId} sets ${quoteName(column)}, which is in index ${name}: ${costOfIndex(filled)}`,
    `only if no query misses it meanwhile (those that use it would read the whole table), drop index concurrently ${name} in expand and create it concurrently in validate; ${SPARED}`,
  );
}

function costOfIndex({ table, facts, indexes, newIndexes }: FilledTable): string {
  const count = indexes.length + newIndexes.length;
  const entries = count === 1 ? 'its index' : `all ${count} indexes`;
  return `no update can be HOT, so each of about ${facts.estimatedRows} rows of ${table} gets a new entry in ${entries}`;
}

const SPARED =
  'measured without: twice the rows a second with half the WAL, the time of building it not counted';

function roomAdvice(filled: FilledTable): readonly Condition[] {
  const { stepId, table, partitioned, facts } = filled;
  // A partitioned table has no pages of its own, and no fillfactor.
  const helps = goesInStrides(filled) && facts.fillfactor === 100 && !partitioned;
  if (!helps || facts.secondaryIndexes < SEVERAL_INDEXES) return [];
  return [
    advise(
      'fillfactor',
      `${table} has fillfactor 100 and ${facts.secondaryIndexes} indexes beside its key: not each of the about ${facts.estimatedRows} rows that backfill ${stepId} updates finds room on its page`,
      `if it will be filled again, alter table ${table} set (fillfactor = 70), or up to 90: it holds for pages written from then on, so it helps the next backfill more than this one, and the table should not be rewritten for it; at 70 new pages take 43% more space, and more than twice the rate of one UPDATE was measured, against 1.6 to 1.7 times at 100`,
    ),
  ];
}

/** Whether it would, with no index on what it fills and nobody's snapshot in the way. */
function goesInStrides({ facts }: FilledTable): boolean {
  const { kind } = chooseStrategy({
    ...facts,
    indexedUpdate: undefined,
    oldestSnapshotSeconds: 0,
    hotShare: { plain: undefined, strided: undefined },
  });
  return kind === 'strided';
}
