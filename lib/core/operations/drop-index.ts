import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { concurrentIndex } from './column/rename-in-definition.ts';
import { requireFreeIndex } from './find-index.ts';
import { isRefusal } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  refuse,
} from './operation-kind.ts';
import { relationNameFormat } from './relation-name.ts';
import { type IndexModel, type TableModel, withFixedColumns, withTable } from './schema-model.ts';
import { inSchemaOf } from './view-of-table.ts';

const Format = part('a mapping with name', {
  name: relationNameFormat('the name of an index'),
}).meta({
  id: 'drop_index',
  description:
    'Takes an index away while its table is in use: at contract, and a unique one at finalize, because rows that it keeps out would keep it from coming back.',
});

/**
 * An index that only makes queries faster goes at contract, so that the soak shows who misses it;
 * it is built again, concurrently, on the way back. A unique one also keeps rows out: it goes at
 * finalize, because after rows that it would have refused it could not be built again. So does one
 * whose table or columns this migration changes.
 */
export const dropIndex = operationKind({
  name: 'drop_index',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const found = requireFreeIndex(context, declared.name);
    if (isRefusal(found)) return found;
    const { table, index } = found;
    if (table.isNew || !known(index, table, context)) {
      return refuse(`this migration creates the index ${index.name} itself`, {
        path: ['name'],
        fix: 'leave out both operations',
      });
    }
    const late = index.unique || isDescribedAnew(index, table);
    const indexes = table.indexes.filter((each) => each !== index);
    // The way back names the columns as they are now.
    const fixed = late ? table : withFixedColumns(table, index.columns);
    const after = withTable(context.model, { ...fixed, indexes });
    // It goes by itself with a column that goes.
    const sql = `drop index concurrently ${late ? 'if exists ' : ''}${inSchemaOf(table, index.name, context.model)}`;
    return lowered(
      late
        ? { finalize: [atTheEnd(sql, index)], after }
        : { contract: [dropStep(sql, index, context)], after },
    );
  },
});

function known(index: IndexModel, { schema }: TableModel, { before }: LoweringContext): boolean {
  return before.tables.some(
    (table) => table.schema === schema && table.indexes.some(({ name }) => name === index.name),
  );
}

/** After contract its table or a column has another name than in the index's definition. */
function isDescribedAnew({ columns }: IndexModel, table: TableModel): boolean {
  const changed = table.columns.filter((column) => column.changed).map(({ name }) => name);
  return table.name !== table.physicalName || columns.some((column) => changed.includes(column));
}

function dropStep(sql: string, index: IndexModel, { parser }: LoweringContext): StepDraft {
  return {
    kind: 'statement',
    id: 'drop',
    sql,
    undo: { kind: 'statement', sql: concurrentIndex(parser, index.definition, index.name) },
  };
}

function atTheEnd(sql: string, index: IndexModel): StepDraft {
  return {
    kind: 'statement',
    id: 'drop',
    sql,
    undo: {
      kind: 'irreversible',
      why: index.unique
        ? `no rows: ${index.name} no longer keeps duplicates out, and cannot be built again once there are some`
        : `no rows: the index ${index.name}`,
    },
  };
}
