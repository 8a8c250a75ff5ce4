import type { z } from 'zod';
import { writeName } from '../sql/sql-name.ts';
import { isRefusal, requireTable } from './find-table.ts';
import { type IndexDeclaration, IndexFormat } from './index-format.ts';
import { createIndexSql, type IndexedColumns, indexedColumns } from './index-sql.ts';
import { indexOnPartitions, indexOnTable } from './index-steps.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { type IndexModel, type SchemaModel, type TableModel, withTable } from './schema-model.ts';

const Format = IndexFormat.meta({
  id: 'create_index',
  description:
    'Builds an index while the table is in use: concurrently, and partition by partition.',
});

/**
 * Concurrently, except on a table that this migration makes. Over columns that this migration fills,
 * it is built after the backfill, on the column that is being filled: an index there would make
 * every batch dearer, and the rename at contract keeps it.
 */
export const createIndex = operationKind({
  name: 'create_index',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.table);
    if (isRefusal(table)) return table;
    const columns = indexedColumns(declared, table, context);
    if (isRefusal(columns)) return columns;
    const refusal = whyNotBuilt(declared, table, columns, context.model);
    if (refusal !== undefined) return refusal;
    const steps =
      table.kind === 'partitioned-table'
        ? indexOnPartitions(declared, table, context.model)
        : indexOnTable(declared, table, context.model);
    if (isRefusal(steps)) return steps;
    const after = withIndex(context.model, table, indexModel(declared, table, columns));
    const late = columns.columns.some(({ changed }) => changed) && !table.isNew;
    return lowered(
      late
        ? { validate: [...steps.build, ...steps.proof], after }
        : { expand: steps.build, validate: steps.proof, after },
    );
  },
});

export function indexModel(
  index: IndexDeclaration,
  table: TableModel,
  { columns }: IndexedColumns,
): IndexModel {
  return {
    name: index.name,
    definition: createIndexSql(index, {
      name: index.name,
      on: writeName({ schema: table.schema, name: table.name }),
      concurrently: false,
    }),
    unique: index.unique,
    primary: false,
    columns: columns.map(({ name }) => name),
    valid: true,
    constraint: undefined,
  };
}

function withIndex(model: SchemaModel, table: TableModel, index: IndexModel): SchemaModel {
  return withTable(model, { ...table, indexes: [...table.indexes, index] });
}

function whyNotBuilt(
  index: IndexDeclaration,
  table: TableModel,
  { columns, inSql }: IndexedColumns,
  model: SchemaModel,
): Refusal | undefined {
  const owner = model.tables.find(
    ({ schema, indexes }) =>
      schema === table.schema && indexes.some(({ name }) => name === index.name),
  );
  if (owner !== undefined) {
    return refuse(`there is an index ${index.name} already, on ${owner.name}`, {
      path: ['name'],
      fix: 'replace_index builds another one in its place',
    });
  }
  const fixed = table.kind === 'partitioned-table' ? columns : inSql;
  const moved = fixed.find(({ name, physicalName }) => name !== physicalName);
  if (moved !== undefined) {
    return refuse(
      `this migration changes the column ${moved.name}, which the index ${index.name} cannot follow`,
      { path: ['columns'], fix: 'create the index in a later migration' },
    );
  }
  const key = partitionColumns(table);
  if (!index.unique || key === undefined) return undefined;
  const named = columns.map(({ name }) => name);
  const missing = key.filter((name) => !named.includes(name));
  return missing.length === 0
    ? undefined
    : refuse(
        `a unique index of the partitioned table ${table.name} needs the columns of its key: ${missing.join(', ')}`,
        { path: ['columns'], fix: `add ${missing.join(', ')}` },
      );
}

/** Undefined for a table without partitions. */
function partitionColumns({ partitionKey }: TableModel): readonly string[] | undefined {
  const inside = /\((.*)\)$/s.exec(partitionKey ?? '')?.[1];
  return inside?.match(/"(?:[^"]|"")+"|[^\s,]+/g)?.map((each) => each.replace(/^"|"$/g, ''));
}
