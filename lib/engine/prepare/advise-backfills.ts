import type { BackfillStep, Plan } from '../../core/plan/plan.ts';
import { backfillAdvice, type FilledTable } from '../../core/preflight/backfill-advice.ts';
import type { Condition } from '../../core/preflight/condition.ts';
import { type PlannedIndexes, plannedIndexes } from '../../core/preflight/planned-indexes.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import { sameName, writeName } from '../../core/sql/sql-name.ts';
import type { Database } from '../../ports/database.ts';
import {
  describeBackfillTable,
  type TableDescription,
} from '../../postgres/backfill/describe-table.ts';
import { walksPages } from '../../postgres/backfill/page-walk.ts';
import { prepareWork } from '../../postgres/backfill/work.ts';

/** What would make the backfills of a plan cheaper on this target. Reads only. */
export async function adviseBackfills(
  database: Database,
  plan: Plan,
  parser: SqlParser,
): Promise<readonly Condition[]> {
  const advice: Condition[] = [];
  for (const step of plan.steps) {
    if (step.kind !== 'backfill') continue;
    const prepared = await prepareWork(step, async () => parser);
    const described = await describeBackfillTable(database, step.table, {
      byPage: walksPages(step),
    });
    // A table that the plan makes is not there yet; what cannot be walked fails by itself.
    if (prepared.kind !== 'prepared' || described.kind !== 'table') continue;
    const { updatedColumns } = prepared.work;
    const planned = plannedIndexes(plan, step.table, parser);
    advice.push(...backfillAdvice(filledTable(step, described.table, updatedColumns, planned)));
  }
  return advice;
}

function filledTable(
  step: BackfillStep,
  table: TableDescription,
  filled: readonly string[],
  { made, dropped }: PlannedIndexes,
): FilledTable {
  const { schema } = step.table;
  const indexes = table.indexes.filter(
    ({ name, preventsHot }) =>
      preventsHot && !dropped.some((gone) => sameName(gone, { schema, name })),
  );
  return {
    stepId: step.stepId,
    table: writeName(step.table),
    filled,
    indexes,
    newIndexes: made.filter(({ name }) => !table.indexes.some((index) => index.name === name)),
    partitioned: table.partitioned,
    facts: {
      updatesWalkedTable: filled.length > 0,
      keyKind: table.keyKind,
      keyOrder: goesByPages(step, table) ? 'clustered' : table.keyOrder,
      secondaryIndexes: indexes.filter(({ name }) => name !== table.keyIndex).length,
      fillfactor: table.fillfactor,
      rowsPerPage: table.rowsPerPage,
      pageBytes: table.pageBytes,
      // What rows become, and whether keys are dense, is found out by the first batch; advice needs neither.
      growth: undefined,
      listed: false,
      estimatedRows: table.estimatedRows,
      workers: step.pacing.workers ?? 1,
    },
  };
}

/** A key in random order is not walked where each row tells if it is done. */
function goesByPages(step: BackfillStep, table: TableDescription): boolean {
  const alone = (step.pacing.workers ?? 1) === 1;
  return table.pagesWalkable && alone && step.repeatable === true;
}
