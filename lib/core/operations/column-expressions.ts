import { z } from 'zod';
import { quoteName, writeName } from '../sql/sql-name.ts';
import { changeColumn } from './column/change-column.ts';
import { readDown, readUp } from './column/read-expressions.ts';
import { ColumnNameFormat, SqlValueFormat } from './column-format.ts';
import { isRefusal, requireTableForColumns } from './find-table.ts';
import type { StepDraft, SyncRule } from './lowered.ts';
import { shadowName } from './names.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import { isColumn, type RowExpression } from './row-expression.ts';
import { findColumn, type TableModel } from './schema-model.ts';

/** `up` and `down` of an operation that is about several columns: an expression for each. */
export const ExpressionsFormat = z.record(ColumnNameFormat, SqlValueFormat, {
  error: 'a mapping from columns to SQL expressions',
});

/** What an operation writes; by column. */
export interface DeclaredExpressions {
  readonly up?: Readonly<Record<string, string>> | undefined;
  readonly down?: Readonly<Record<string, string>> | undefined;
}

export interface ColumnValues {
  readonly column: string;
  readonly up: RowExpression;
  readonly down: RowExpression;
}

/**
 * The columns whose values the two applications see differently. An expression that is the column
 * itself changes nothing, and neither does one that is not there.
 * @param columns those that may have expressions
 */
export function changedValues(
  { up = {}, down = {} }: DeclaredExpressions,
  columns: readonly string[],
  table: TableModel,
  context: LoweringContext,
): readonly ColumnValues[] | Refusal {
  for (const [key, given] of [['up', up] as const, ['down', down] as const]) {
    const stray = Object.keys(given).find((name) => !columns.includes(name));
    if (stray !== undefined) {
      return refuse(`the constraint is not about the column ${stray}`, {
        path: [key, stray],
        fix: columns.length === 0 ? 'write columns' : `its columns are ${columns.join(', ')}`,
      });
    }
  }
  const changed: ColumnValues[] = [];
  for (const column of columns.filter((each) => each in up || each in down)) {
    const itself = quoteName(column);
    const readingUp = readUp(context, table, up[column] ?? itself, ['up', column]);
    if (readingUp.kind === 'refused') return readingUp;
    const readingDown = readDown(context, table, down[column] ?? itself, ['down', column]);
    if (readingDown.kind === 'refused') return readingDown;
    const values = { column, up: readingUp.expression, down: readingDown.expression };
    const same = isColumn(values.up, column) && isColumn(values.down, column);
    if (!same) changed.push(values);
  }
  return changed;
}

export interface ChangedColumns {
  readonly kind: 'changed';
  readonly expand: readonly StepDraft[];
  readonly validate: readonly StepDraft[];
  readonly sync: readonly SyncRule[];
  /** With the shadows as the physical columns. */
  readonly table: TableModel;
}

/** Gives each of the columns another one beside it, which takes its place at contract. */
export function changeColumns(
  table: TableModel,
  values: readonly ColumnValues[],
  without: ReadonlySet<string>,
  context: LoweringContext,
): ChangedColumns | Refusal {
  const hidden =
    values.length === 0 ? table : requireTableForColumns(context, nameAsWritten(table));
  if (isRefusal(hidden)) return hidden;
  const shared = sharedStructure(table, values, without);
  if (shared !== undefined) return shared;
  let changed: ChangedColumns = { kind: 'changed', expand: [], validate: [], sync: [], table };
  for (const { column: name, up, down } of values) {
    const column = findColumn(changed.table, name);
    if (column === undefined) continue;
    const { type, notNull } = column;
    const change = changeColumn(
      {
        table: changed.table,
        column,
        name,
        shadow: shadowName(name),
        type,
        notNull,
        up,
        down,
        without,
      },
      context,
    );
    if (change.kind === 'refused') return change;
    changed = {
      kind: 'changed',
      expand: [...changed.expand, ...change.expand],
      validate: [...changed.validate, ...change.validate],
      sync: [...changed.sync, { ...change.sync, table }],
      table: change.table,
    };
  }
  return changed;
}

function nameAsWritten({ schema, name }: TableModel): string {
  return writeName({ schema, name });
}

/** An index or a constraint is copied for one column; for two at once there is no copy. */
function sharedStructure(
  table: TableModel,
  values: readonly ColumnValues[],
  without: ReadonlySet<string>,
): Refusal | undefined {
  const changing = values.map(({ column }) => column);
  const shared = [...table.indexes, ...table.constraints].find(
    ({ name, columns }) =>
      !without.has(name) && columns.filter((each) => changing.includes(each)).length > 1,
  );
  return shared === undefined
    ? undefined
    : refuse(
        `${shared.name} is about several of the columns whose values change: ${changing.join(', ')}`,
        { path: ['up'], fix: 'change the values of one column in a migration, or drop it first' },
      );
}
