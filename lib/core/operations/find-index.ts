import { writeName } from '../sql/sql-name.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import { readRelationName } from './relation-name.ts';
import { findTable, type IndexModel, type TableModel } from './schema-model.ts';

export interface FoundIndex {
  readonly kind: 'found';
  readonly table: TableModel;
  readonly index: IndexModel;
}

/** The index that an operation names, which has to be one that can be taken away by itself. */
export function requireFreeIndex(
  { model }: LoweringContext,
  written: string,
): FoundIndex | Refusal {
  const { schema = model.defaultSchema, name } = readRelationName(written);
  const path = ['name'];
  const table = model.tables.find(
    (each) => each.schema === schema && each.indexes.some((index) => index.name === name),
  );
  const index = table?.indexes.find((each) => each.name === name);
  if (table === undefined || index === undefined) {
    return refuse(`there is no index ${writeName({ schema, name })}`, { path });
  }
  if (index.constraint !== undefined) {
    return refuse(
      `the index ${name} belongs to the constraint ${index.constraint} of ${table.name}`,
      {
        path,
        fix: `drop_constraint with table: ${table.name} and name: ${index.constraint}`,
      },
    );
  }
  if (table.replicaIdentity.kind === 'index' && table.replicaIdentity.index === name) {
    return refuse(`the index ${name} is the replica identity of ${table.name}`, {
      path,
      fix: 'set_replica_identity first, to default or another index',
    });
  }
  const reference = index.unique ? referenceTo(table, index) : undefined;
  if (reference !== undefined) {
    return refuse(`the foreign key ${reference} needs the unique index ${name}`, {
      path,
      fix: 'drop the foreign key first (drop_constraint)',
    });
  }
  return whyPartitioned(table, index, model) ?? { kind: 'found', table, index };
}

/** A foreign key may rest on an index alone, where no constraint has the same columns. */
function referenceTo({ referencedBy, indexes }: TableModel, index: IndexModel): string | undefined {
  const over = (columns: readonly string[], others: readonly string[]) =>
    columns.length === others.length && columns.every((column) => others.includes(column));
  return referencedBy.find(
    ({ columns }) =>
      over(columns, index.columns) &&
      !indexes.some((each) => each !== index && each.unique && over(columns, each.columns)),
  )?.constraint;
}

/** PostgreSQL drops the index of a partitioned table with those of all partitions, never concurrently. */
function whyPartitioned(
  table: TableModel,
  index: IndexModel,
  model: LoweringContext['model'],
): Refusal | undefined {
  const path = ['name'];
  if (table.kind === 'partitioned-table') {
    return refuse(
      `the index ${index.name} of the partitioned table ${table.name} cannot be dropped concurrently, nor be back in a second`,
      { path, fix: `sql with up: drop index ${index.name} and onComplete: true, at a quiet hour` },
    );
  }
  const parent = table.partitionOf === undefined ? undefined : findTable(model, table.partitionOf);
  const attached = parent?.indexes.find(
    ({ definition }) => whatItHolds(definition) === whatItHolds(index.definition),
  );
  return attached === undefined || parent === undefined
    ? undefined
    : refuse(
        `the index ${index.name} is a part of ${attached.name} of the partitioned table ${parent.name}`,
        { path, fix: `it goes with ${attached.name}` },
      );
}

/** `btree (a, b)`, of a definition as pg_get_indexdef() prints it. */
function whatItHolds(definition: string): string {
  return / using (.*)$/is.exec(definition)?.[1] ?? definition;
}
