import { quoteLiteral } from '../backfill/sql-text.ts';
import { isRefusal } from './find-table.ts';
import type { IndexDeclaration } from './index-format.ts';
import { createIndexSql } from './index-sql.ts';
import type { CheckDraft, StepDraft } from './lowered.ts';
import type { Refusal } from './operation-kind.ts';
import { freeIndexName, type PartitionNode, partitionTree } from './partition-tree.ts';
import { findColumn, physicalTable, type SchemaModel, type TableModel } from './schema-model.ts';
import { inSchemaOf } from './view-of-table.ts';

/** How an index comes to be on a table, and the proof that it is whole. */
export interface IndexSteps {
  readonly build: readonly StepDraft[];
  readonly proof: readonly CheckDraft[];
}

export function indexOnTable(
  index: IndexDeclaration,
  table: TableModel,
  model: SchemaModel,
): IndexSteps {
  return { build: [buildIndex(index, table, model, { id: 'build', name: index.name })], proof: [] };
}

export interface IndexBuild {
  readonly id: string;
  readonly name: string;
  /** The index may have gone with that of the partitioned table. @default false */
  readonly mayBeGone?: boolean;
}

export function buildIndex(
  index: IndexDeclaration,
  table: TableModel,
  model: SchemaModel,
  { id, name, mayBeGone = false }: IndexBuild,
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
export function indexOnPartitions(
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
