import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { quoteName } from '../sql/sql-name.ts';
import { changeColumn } from './column/change-column.ts';
import { columnNamed, whyNameTaken } from './column/find.ts';
import { ColumnNameFormat, TableNameFormat } from './column-format.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  refuse,
} from './operation-kind.ts';
import { readExpression } from './row-expression.ts';
import {
  type ColumnModel,
  physicalTable,
  type TableModel,
  withColumn,
  withTable,
} from './schema-model.ts';

const Format = part('a table and two names of a column', {
  table: TableNameFormat,
  from: ColumnNameFormat,
  to: ColumnNameFormat,
}).meta({
  id: 'rename_column',
  description: 'Gives a column another name; both work until contract.',
});

/**
 * With a versioned schema the views of both versions show one column under two names, and contract
 * renames it. Without one, the new name is a column of its own until the old one goes.
 */
export const renameColumn = operationKind({
  name: 'rename_column',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const found = columnNamed(context, declared.table, declared.from, 'from');
    if (found.kind === 'refused') return found;
    const { table, column } = found;
    const taken = whyNameTaken(table, declared.to, ['to']);
    if (taken !== undefined) return taken;
    if (table.isNew) return renameNow(table, column, declared.to, context);
    if (column.changed) {
      return refuse(
        `an earlier operation of this migration changes column ${quoteName(column.name)} of ${quoteName(table.name)}`,
        { fix: 'give it its new name there, or in the next migration' },
      );
    }
    // The schema of the version has views of the default schema's tables only.
    const hasView =
      context.versionSchema !== undefined && table.schema === context.model.defaultSchema;
    return !hasView
      ? renameByCopy(table, column, declared.to, context)
      : renameAtContract(table, column, declared.to, context);
  },
});

function renameNow(table: TableModel, column: ColumnModel, to: string, context: LoweringContext) {
  return lowered({
    expand: [
      {
        kind: 'statement',
        id: 'rename',
        sql: `alter table ${physicalTable(context.model, table)} rename column ${quoteName(column.name)} to ${quoteName(to)}`,
        undo: { kind: 'nothing', why: 'the table itself is dropped' },
      },
    ],
    after: withTable(context.model, renamed(table, column, { name: to, physicalName: to })),
  });
}

function renameAtContract(
  table: TableModel,
  column: ColumnModel,
  to: string,
  context: LoweringContext,
) {
  const names = { name: to, physicalName: column.name, changed: true };
  return lowered({
    sync: [
      {
        table,
        oldColumn: column.name,
        newColumn: to,
        shadow: undefined,
        up: undefined,
        down: undefined,
        backfill: false,
      },
    ],
    after: withTable(context.model, renamed(table, column, names)),
  });
}

function renameByCopy(
  table: TableModel,
  column: ColumnModel,
  to: string,
  context: LoweringContext,
): LoweringOutcome {
  const up = readExpression(context.parser, quoteName(column.name));
  const down = readExpression(context.parser, quoteName(to));
  if (up.kind !== 'expression' || down.kind !== 'expression')
    return refuse('the name cannot be read');
  const change = changeColumn(
    {
      table,
      column,
      name: to,
      shadow: to,
      type: column.type,
      notNull: column.notNull,
      up: up.expression,
      down: down.expression,
    },
    context,
  );
  if (change.kind === 'refused') {
    const versioned =
      'with versioned_schema: true the column itself is renamed, and all that uses it follows';
    return {
      ...change,
      fix: change.fix === undefined ? versioned : `${change.fix}; or ${versioned}`,
    };
  }
  const { expand, validate, sync } = change;
  return lowered({ expand, validate, sync: [sync], after: withTable(context.model, change.table) });
}

function renamed(table: TableModel, column: ColumnModel, names: Partial<ColumnModel>): TableModel {
  const list = (columns: readonly string[]) =>
    columns.map((each) => (each === column.name ? (names.name ?? each) : each));
  const changed = withColumn(table, column.name, names);
  return {
    ...changed,
    indexes: table.indexes.map((index) => ({ ...index, columns: list(index.columns) })),
    constraints: table.constraints.map((each) => ({ ...each, columns: list(each.columns) })),
  };
}
