import { type SqlName, writeName } from '../sql/sql-name.ts';
import type { Constraint } from './constraint.ts';
import { constraintBody } from './constraint-sql.ts';
import {
  type ConstraintModel,
  findTable,
  type IndexModel,
  type SchemaModel,
  type TableModel,
  withTable,
} from './schema-model.ts';
import { uniqueIndexSql } from './unique-index-sql.ts';

/** The model with one more constraint, its index, and the reference in the table it points to. */
export function withConstraint(
  model: SchemaModel,
  table: TableModel,
  constraint: Constraint,
  columns: readonly string[],
): SchemaModel {
  const target = constraint.kind === 'foreign-key' ? findTable(model, constraint.table) : undefined;
  const added: ConstraintModel = {
    name: constraint.name,
    kind: constraint.kind,
    columns,
    definition: constraintBody(constraint),
    validated: true,
    references: target === undefined ? undefined : nameOf(target),
  };
  const index = indexBehind(table, constraint);
  const changed = withTable(model, {
    ...table,
    constraints: [...table.constraints, added],
    indexes: index === undefined ? table.indexes : [...table.indexes, index],
    columns:
      constraint.kind === 'primary-key'
        ? table.columns.map((column) =>
            columns.includes(column.name) ? { ...column, notNull: true } : column,
          )
        : table.columns,
  });
  const now = target === undefined ? undefined : findTable(changed, nameOf(target));
  if (now === undefined || constraint.kind !== 'foreign-key') return changed;
  const reference = {
    table: nameOf(table),
    constraint: constraint.name,
    columns: constraint.references,
  };
  return withTable(changed, { ...now, referencedBy: [...now.referencedBy, reference] });
}

function indexBehind(table: TableModel, constraint: Constraint): IndexModel | undefined {
  if (constraint.kind === 'check' || constraint.kind === 'foreign-key') return undefined;
  const columns = constraint.kind === 'exclusion' ? [] : constraint.columns;
  const definition =
    constraint.kind === 'exclusion'
      ? constraintBody(constraint)
      : uniqueIndexSql(constraint, writeName(nameOf(table)), (column) => column);
  return {
    name: constraint.name,
    definition,
    unique: constraint.kind !== 'exclusion',
    primary: constraint.kind === 'primary-key',
    columns: [...columns, ...constraint.index.include],
    valid: true,
    constraint: constraint.name,
  };
}

/** The model without a constraint, its index, and the reference in the table it points to. */
export function withoutConstraint(
  model: SchemaModel,
  table: TableModel,
  name: string,
): SchemaModel {
  const changed = withTable(model, {
    ...table,
    constraints: table.constraints.filter((constraint) => constraint.name !== name),
    indexes: table.indexes.filter((index) => index.constraint !== name),
  });
  const isIt = (reference: TableModel['referencedBy'][number]) =>
    reference.constraint === name && isSame(reference.table, nameOf(table));
  return {
    ...changed,
    tables: changed.tables.map((each) =>
      each.referencedBy.some(isIt)
        ? { ...each, referencedBy: each.referencedBy.filter((reference) => !isIt(reference)) }
        : each,
    ),
  };
}

/** The model without a table, and without the references that its foreign keys made. */
export function withoutTableAndReferences(model: SchemaModel, table: TableModel): SchemaModel {
  const gone = nameOf(table);
  return {
    ...model,
    tables: model.tables
      .filter((each) => each !== table)
      .map((each) => ({
        ...each,
        referencedBy: each.referencedBy.filter((reference) => !isSame(reference.table, gone)),
        partitions: each.partitions.filter(({ name }) => !isSame(name, gone)),
      })),
  };
}

/** The model in which a table, and all that names it, has its new name. */
export function withRenamedTable(model: SchemaModel, table: TableModel, to: string): SchemaModel {
  const from = nameOf(table);
  const renamed = (name: SqlName): SqlName => (isSame(name, from) ? { ...name, name: to } : name);
  return {
    ...model,
    tables: model.tables.map((each) => ({
      ...each,
      name: each === table ? to : each.name,
      partitionOf: each.partitionOf === undefined ? undefined : renamed(each.partitionOf),
      partitions: each.partitions.map((partition) => ({
        ...partition,
        name: renamed(partition.name),
      })),
      referencedBy: each.referencedBy.map((reference) => ({
        ...reference,
        table: renamed(reference.table),
      })),
      constraints: each.constraints.map((constraint) => ({
        ...constraint,
        references:
          constraint.references === undefined ? undefined : renamed(constraint.references),
      })),
    })),
  };
}

export function nameOf({ schema, name }: TableModel): SqlName {
  return { schema, name };
}

export function isSame(a: SqlName, b: SqlName): boolean {
  return a.schema === b.schema && a.name === b.name;
}
