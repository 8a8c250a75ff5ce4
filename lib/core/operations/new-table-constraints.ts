import type { ColumnDeclaration } from './column-format.ts';
import { type Constraint, columnConstraints, keyOf } from './constraint.ts';
import { constrainedColumns } from './constraint-columns.ts';
import type { ConstraintDeclaration } from './constraint-format.ts';
import { isRefusal, within } from './find-table.ts';
import { derivedName } from './names.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import { readConstraint } from './read-constraint.ts';
import { referencedTable } from './referenced-table.ts';
import { type TableModel, withTable } from './schema-model.ts';

interface DeclaredTable {
  readonly columns: readonly ColumnDeclaration[];
  readonly constraints: readonly ConstraintDeclaration[];
}

/** In the order in which PostgreSQL's own dump writes them: the primary key, the columns', the table's. */
export function readConstraints(
  declared: DeclaredTable,
  table: TableModel,
  context: LoweringContext,
): readonly Constraint[] | Refusal {
  const { columns, constraints } = declared;
  const key = columns.filter(({ pk }) => pk).map(({ name }) => name);
  const read: Constraint[] = [];
  if (key.length > 0) read.push(keyOf('primary-key', derivedName(table.name, 'pkey'), key));
  for (const [index, column] of columns.entries()) {
    for (const constraint of columnConstraints(column, table.name)) {
      const refusal = refuseConstraint(constraint, table, context);
      if (refusal !== undefined) return within(['columns', index], refusal);
      read.push(constraint);
    }
  }
  for (const [index, constraint] of constraints.entries()) {
    const each = readConstraint(constraint, context.parser);
    const refusal = isRefusal(each) ? each : refuseConstraint(each, table, context);
    if (refusal !== undefined) return within(['constraints', index], refusal);
    if (!isRefusal(each)) read.push(each);
  }
  return refuseTwice(read, table) ?? read;
}

function refuseTwice(constraints: readonly Constraint[], table: TableModel): Refusal | undefined {
  if (constraints.filter(({ kind }) => kind === 'primary-key').length > 1) {
    return refuse(`the table ${table.name} has two primary keys`, {
      path: ['constraints'],
      fix: 'write pk at the columns, or primary_key in constraints, not both',
    });
  }
  const names = constraints.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  return repeated === undefined
    ? undefined
    : refuse(`two constraints have the name ${repeated}`, { path: ['constraints'] });
}

function refuseConstraint(
  constraint: Constraint,
  table: TableModel,
  context: LoweringContext,
): Refusal | undefined {
  const columns = constrainedColumns(constraint, table, context.parser);
  if (isRefusal(columns)) return columns;
  if (constraint.kind !== 'foreign-key') return undefined;
  const referenced = referencedTable(constraint, withTable(context.model, table));
  return isRefusal(referenced) ? referenced : undefined;
}

/** As far as they are known without the server: an exclusion names its columns in SQL. */
export function columnsOf(
  constraint: Constraint,
  table: TableModel,
  { parser }: LoweringContext,
): readonly string[] {
  const columns = constrainedColumns(constraint, table, parser);
  return isRefusal(columns) ? [] : columns.map(({ name }) => name);
}
