import type { z } from 'zod';
import { quoteLiteral } from '../backfill/sql-text.ts';
import { writeName } from '../sql/sql-name.ts';
import { isRefusal, requireTable } from './find-table.ts';
import { type IndexDeclaration, IndexFormat } from './index-format.ts';
import { createIndexSql, type IndexedColumns, indexedColumns } from './index-sql.ts';
import type { CheckDraft, StepDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { freeIndexName, type PartitionNode, partitionTree } from './partition-tree.ts';
import {
  findColumn,
  type IndexModel,
  physicalTable,
  type SchemaModel,
  type TableModel,
  withTable,
} from './schema-model.ts';
import { inSchemaOf } from './view-of-table.ts';

const Format = IndexFormat.meta({
  id: 'create_index',
  description: 'Builds an index while the table is in use.',
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
        ? onPartitions(declared, table, context.model)
        : { build: [buildOne(declared, table, context.model)], proof: [] };
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

interface IndexSteps {
  readonly build: readonly StepDraft[];
  readonly proof: readonly CheckDraft[];
}

function buildOne(index: IndexDeclaration, table: TableModel, model: SchemaModel): StepDraft {
  return buildIndex(index, table, model, { id: 'build', name: index.name });
}

interface Build {
  readonly id: string;
  readonly name: string;
  /** The index may have gone with that of the partitioned table. @default false */
  readonly mayBeGone?: boolean;
}

export function buildIndex(
  index: IndexDeclaration,
  table: TableModel,
  model: SchemaModel,
  { id, name, mayBeGone = false }: Build,
): StepDraft {
  const concurrently = !table.isNew;
  const drop = `drop index ${concurrently ? 'concurrently ' : ''}${mayBeGone ? 'if exists ' : ''}`;
  return {
    kind: 'statement',
    id,
    sql: createIndexSql(index, {
      name,
      on: physicalTable(model, table),
      concurrently,
      column: (column) => findColumn(table, column)?.physicalName ?? column,
    }),
    undo: { kind: 'statement', sql: `${drop}${inSchemaOf(table, name, model)}` },
  };
}

/**
 * First the partitions' indexes, each concurrently; then that of the table itself, which knows none
 * of them and is not valid; then they are attached, and with the last one it becomes valid. Undone
 * the other way round: dropping the table's index takes the attached ones with it.
 */
function onPartitions(
  index: IndexDeclaration,
  table: TableModel,
  model: SchemaModel,
): IndexSteps | Refusal {
  const tree = partitionTree(model, table);
  if (isRefusal(tree)) return tree;
  const columns = [...index.columns.map(({ column }) => column ?? 'expr'), ...index.include];
  const nameFor = (node: PartitionNode) =>
    node === tree ? index.name : freeIndexName(model, node.table, columns);
  const nodes = [...below(tree), tree];
  const leaves = nodes.filter((node) => node.table.kind === 'table');
  const parents = nodes.filter((node) => node.table.kind === 'partitioned-table');
  const name = inSchemaOf(table, index.name, model);
  return {
    build: [
      ...leaves.map((node, place) =>
        buildIndex(index, node.table, model, {
          id: `partition_${place + 1}`,
          name: nameFor(node),
          mayBeGone: true,
        }),
      ),
      ...parents.map(
        (node, place): StepDraft => ({
          kind: 'statement',
          id: node === tree ? 'parent' : `parent_${place + 1}`,
          sql: createIndexSql(index, {
            name: nameFor(node),
            on: `only ${physicalTable(model, node.table)}`,
            concurrently: false,
          }),
          undo: {
            kind: 'statement',
            sql: `drop index if exists ${inSchemaOf(node.table, nameFor(node), model)}`,
          },
        }),
      ),
      ...parents
        .flatMap((node) => node.partitions.map((child) => ({ node, child })))
        .map(
          ({ node, child }, place): StepDraft => ({
            kind: 'statement',
            id: `attach_${place + 1}`,
            sql: `alter index ${inSchemaOf(node.table, nameFor(node), model)} attach partition ${inSchemaOf(child.table, nameFor(child), model)}`,
            undo: { kind: 'nothing', why: `dropping ${index.name} drops what is attached to it` },
          }),
        ),
    ],
    proof: [
      {
        kind: 'check',
        id: 'every_partition',
        query: `select indisvalid from pg_index where indexrelid = ${quoteLiteral(name)}::regclass`,
        expect: { kind: 'value', value: true },
      },
    ],
  };
}

/** Deepest first. */
function below({ partitions }: PartitionNode): readonly PartitionNode[] {
  return partitions.flatMap((node) => [...below(node), node]);
}

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
