import { quoteName } from '../../sql/sql-name.ts';
import { isRefusal, requireColumns, requireTableForColumns } from '../find-table.ts';
import { type LoweringContext, type Refusal, refuse } from '../operation-kind.ts';
import { type ColumnModel, findColumn, type TableModel } from '../schema-model.ts';

export interface FoundColumn {
  readonly kind: 'found';
  readonly table: TableModel;
  readonly column: ColumnModel;
}

/** The column that an operation names. @param key where its name is written */
export function columnNamed(
  context: LoweringContext,
  written: string,
  name: string,
  key = 'column',
): FoundColumn | Refusal {
  const table = requireTableForColumns(context, written);
  if (isRefusal(table)) return table;
  const columns = requireColumns(table, [name], [key]);
  if (isRefusal(columns)) return columns;
  const [column] = columns;
  return column === undefined
    ? refuse(`there is no column ${quoteName(name)}`, { path: [key] })
    : { kind: 'found', table, column };
}

/** Why a column cannot have this name. */
export function whyNameTaken(
  table: TableModel,
  name: string,
  path: readonly (string | number)[],
): Refusal | undefined {
  return findColumn(table, name) === undefined
    ? undefined
    : refuse(`table ${quoteName(table.name)} has a column ${quoteName(name)} already`, { path });
}
