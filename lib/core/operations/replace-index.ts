import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { quoteName } from '../sql/sql-name.ts';
import { TableNameFormat } from './column-format.ts';
import { indexModel } from './create-index.ts';
import { requireFreeIndex } from './find-index.ts';
import { isRefusal, requireTable } from './find-table.ts';
import { INDEX_KEYS } from './index-format.ts';
import { indexedColumns } from './index-sql.ts';
import { buildIndex } from './index-steps.ts';
import type { StepDraft } from './lowered.ts';
import { shadowName, tombstoneName } from './names.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  refuse,
} from './operation-kind.ts';
import {
  type ColumnModel,
  findColumn,
  type IndexModel,
  type SchemaModel,
  type TableModel,
  withFixedColumns,
  withTable,
} from './schema-model.ts';
import { inSchemaOf } from './view-of-table.ts';

const Format = part('an index with name, table and columns', {
  ...INDEX_KEYS,
  table: TableNameFormat,
}).meta({
  id: 'replace_index',
  description:
    'Builds another index beside one that there is, lets it take over the name at contract, and drops the old one at finalize.',
});

/**
 * The new index is built beside the old one and takes its name at contract, so there is never a
 * moment without an index. The old one stays until finalize: going back is two renames.
 */
export const replaceIndex = operationKind({
  name: 'replace_index',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.table);
    if (isRefusal(table)) return table;
    const found = requireFreeIndex(context, inSchemaOf(table, declared.name, context.model));
    if (isRefusal(found)) return found;
    if (found.table !== table) {
      return refuse(`the index ${declared.name} is on ${found.table.name}, not on ${table.name}`, {
        path: ['table'],
        fix: `table: ${found.table.name}`,
      });
    }
    const columns = indexedColumns(declared, table, context);
    if (isRefusal(columns)) return columns;
    const changed = [...columns.columns, ...columnsOf(found.index, table)].find(
      (column) => column.physicalName !== column.name,
    );
    if (changed !== undefined || table.isNew) {
      return refuse(
        changed === undefined
          ? `this migration creates the table ${table.name} itself`
          : `this migration changes the column ${changed.name} of ${table.name} as well`,
        { fix: 'replace the index in a later migration, or create it as it shall be' },
      );
    }
    const { model } = context;
    const indexes = table.indexes.map((each) =>
      each === found.index ? indexModel(declared, table, columns) : each,
    );
    return lowered({
      expand: [
        buildIndex(declared, table, model, { id: 'build', name: shadowName(declared.name) }),
      ],
      contract: [changePlaces(table, declared.name, model)],
      finalize: [removal(table, declared.name, model)],
      after: withTable(model, {
        ...withFixedColumns(table, [
          ...found.index.columns,
          ...columns.columns.map(({ name }) => name),
        ]),
        indexes,
      }),
    });
  },
});

function columnsOf({ columns }: IndexModel, table: TableModel): readonly ColumnModel[] {
  return columns.flatMap((name) => findColumn(table, name) ?? []);
}

function changePlaces(table: TableModel, name: string, model: SchemaModel): StepDraft {
  const rename = (from: string, to: string) =>
    `alter index ${inSchemaOf(table, from, model)} rename to ${quoteName(to)}`;
  return {
    kind: 'statement',
    id: 'change_places',
    sql: rename(name, tombstoneName(name)),
    together: [rename(shadowName(name), name)],
    undo: {
      kind: 'statement',
      sql: rename(name, shadowName(name)),
      together: [rename(tombstoneName(name), name)],
    },
  };
}

function removal(table: TableModel, name: string, model: SchemaModel): StepDraft {
  return {
    kind: 'statement',
    id: 'drop_old',
    sql: `drop index concurrently ${inSchemaOf(table, tombstoneName(name), model)}`,
    undo: { kind: 'irreversible', why: `no rows: the old index ${name}` },
  };
}
