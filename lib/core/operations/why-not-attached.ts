import { writeName } from '../sql/sql-name.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { findColumn, type IndexModel, type TableModel } from './schema-model.ts';

/**
 * What keeps a table from becoming a partition. Indexes and foreign keys that are missing would be
 * made by ATTACH itself, under its locks, so they have to be there before.
 */
export function whyNotAttached(parent: TableModel, child: TableModel): Refusal | undefined {
  const path = ['partition'];
  if (parent.kind !== 'partitioned-table') {
    return refuse(`${parent.name} is not a partitioned table`, {
      path: ['table'],
      fix: 'create_table with partition_by makes one',
    });
  }
  if (child.partitionOf !== undefined) {
    return refuse(`${child.name} is a partition of ${writeName(child.partitionOf)} already`, {
      path,
    });
  }
  return (
    whyChanging(parent) ??
    whyChanging(child) ??
    whyColumnsDiffer(parent, child) ??
    (child.isNew ? undefined : whyStructureDiffers(parent, child))
  );
}

/** Columns that are kept in step are those of both or of neither. */
export function whyChanging({ columns, name, isNew }: TableModel): Refusal | undefined {
  const changing = columns.find(({ changed }) => changed);
  return changing === undefined || isNew
    ? undefined
    : refuse(`this migration changes the column ${changing.name} of ${name} as well`, {
        path: ['table'],
        fix: 'a migration of its own for the partition',
      });
}

function whyColumnsDiffer(parent: TableModel, child: TableModel): Refusal | undefined {
  const path = ['partition'];
  for (const column of parent.columns) {
    const own = findColumn(child, column.name);
    if (own?.type !== column.type) {
      return refuse(
        `the column ${column.name} of ${child.name} is ${own?.type ?? 'not there'}, in ${parent.name} it is ${column.type}`,
        { path, fix: 'a partition has the columns of the whole' },
      );
    }
    if (column.notNull && !own.notNull) {
      return refuse(`${column.name} may be NULL in ${child.name}, and may not in ${parent.name}`, {
        path,
        fix: `alter_column with table: ${child.name}, column: ${column.name}, nullable: false`,
      });
    }
  }
  const stray = child.columns.find(({ name }) => findColumn(parent, name) === undefined);
  return stray === undefined
    ? undefined
    : refuse(`${child.name} has a column ${stray.name}, which ${parent.name} has not`, { path });
}

function whyStructureDiffers(parent: TableModel, child: TableModel): Refusal | undefined {
  const path = ['partition'];
  for (const index of parent.indexes) {
    const same = child.indexes.some(
      (own) => held(own) === held(index) && isKey(own) === isKey(index),
    );
    if (!same) {
      return refuse(
        `${child.name} has no index like ${index.name} of ${parent.name}, and would get it while nobody can write`,
        {
          path,
          fix: `${index.constraint === undefined ? 'create_index' : 'create_constraint'} on ${child.name} first: ${index.definition}`,
        },
      );
    }
  }
  for (const { name, kind, definition } of parent.constraints) {
    const needed = kind === 'check' || kind === 'foreign-key';
    const same = child.constraints.some(
      (own) => own.definition === definition && (kind === 'foreign-key' || own.name === name),
    );
    if (needed && !same) {
      return refuse(`${child.name} has no constraint like ${name} of ${parent.name}`, {
        path,
        fix: `create_constraint on ${child.name} first, named ${name}: ${definition}`,
      });
    }
  }
  return undefined;
}

function isKey({ constraint }: IndexModel): boolean {
  return constraint !== undefined;
}

/** `unique btree (a, b)`, the same for definitions of the catalog and of operations. */
function held({ definition, unique }: IndexModel): string {
  const found = / using (\w+) (.*)$/is.exec(definition);
  const plain = found === null ? definition.slice(definition.indexOf('(')) : undefined;
  const body = plain === undefined ? `${found?.[1]} ${found?.[2]}` : `btree ${plain}`;
  return unique ? `unique ${body}` : body;
}
