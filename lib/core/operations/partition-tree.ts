import { writeName } from '../sql/sql-name.ts';
import { isRefusal } from './find-table.ts';
import { derivedName } from './names.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { findTable, type SchemaModel, type TableModel } from './schema-model.ts';

/** A table of a partitioned one: itself, a partition, a partition of a partition. */
export interface PartitionNode {
  readonly table: TableModel;
  readonly partitions: readonly PartitionNode[];
}

/** A partitioned table with all that is below it. */
export function partitionTree(model: SchemaModel, table: TableModel): PartitionNode | Refusal {
  const partitions: PartitionNode[] = [];
  for (const { name } of table.partitions) {
    const found = findTable(model, name);
    if (found === undefined) {
      return refuse(`${writeName(name)}, a partition of ${table.name}, is not an ordinary table`, {
        path: ['table'],
        fix: 'work on its ordinary partitions one by one',
      });
    }
    const node = partitionTree(model, found);
    if (isRefusal(node)) return node;
    partitions.push(node);
  }
  return { table, partitions };
}

/** A name for something of a table, as PostgreSQL would choose it: `orders_total_idx1`. */
export function freeIndexName(
  model: SchemaModel,
  table: TableModel,
  columns: readonly string[],
): string {
  const taken = new Set(
    model.tables
      .filter(({ schema }) => schema === table.schema)
      .flatMap((each) => [each.name, ...each.indexes.map(({ name }) => name)]),
  );
  const base = [table.name, ...columns].join('_');
  for (let number = 0; ; number += 1) {
    const name = derivedName(base, number === 0 ? 'idx' : `idx${number}`);
    if (!taken.has(name)) return name;
  }
}
