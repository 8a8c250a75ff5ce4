import type { SqlParser } from '../sql/parser.ts';
import type { Constraint } from './constraint.ts';
import { isRefusal, requireColumns } from './find-table.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { readExpression } from './row-expression.ts';
import type { ColumnModel, TableModel } from './schema-model.ts';

/** The columns that a constraint is about, those of its check among them. */
export function constrainedColumns(
  constraint: Constraint,
  table: TableModel,
  parser: SqlParser,
): readonly ColumnModel[] | Refusal {
  switch (constraint.kind) {
    case 'check':
      return checkedColumns(constraint.expression, table, parser);
    case 'unique':
    case 'primary-key': {
      const included = requireColumns(table, constraint.index.include, [
        'index_parameters',
        'include_columns',
      ]);
      return isRefusal(included) ? included : requireColumns(table, constraint.columns);
    }
    case 'foreign-key':
      return requireColumns(table, constraint.columns);
    case 'exclusion':
      // Its elements are SQL of their own grammar: the server reads the names in them.
      return [];
  }
}

/** The columns that a condition names. */
export function checkedColumns(
  expression: string,
  table: TableModel,
  parser: SqlParser,
): readonly ColumnModel[] | Refusal {
  const read = readExpression(parser, expression);
  if (read.kind === 'syntax-error') {
    return refuse(`not an SQL expression: ${read.message}: ${expression}`, { path: ['check'] });
  }
  const { columns, needsScope } = read.expression;
  // A whole row (`t.*`), and names inside a subquery, are for the server to read.
  return needsScope
    ? table.columns.filter(({ name }) => columns.includes(name) || columns.includes('*'))
    : requireColumns(table, columns, ['check']);
}
