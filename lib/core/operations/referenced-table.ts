import { writeName } from '../sql/sql-name.ts';
import type { ForeignKey } from './constraint.ts';
import { isRefusal, requireColumns } from './find-table.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { findTable, type SchemaModel, type TableModel } from './schema-model.ts';

/** The table that a foreign key points to, if it has a key over those columns. */
export function referencedTable(key: ForeignKey, model: SchemaModel): TableModel | Refusal {
  const table = findTable(model, key.table);
  if (table === undefined) {
    return refuse(`there is no table ${writeName(key.table)} for ${key.name} to reference`, {
      path: ['references', 'table'],
    });
  }
  const columns = requireColumns(table, key.references, ['references']);
  if (isRefusal(columns)) return columns;
  const moved = columns.find((column) => column.physicalName !== column.name);
  if (moved !== undefined) {
    return refuse(
      `this migration changes the column ${moved.name} of ${table.name} as well, which ${key.name} references`,
      { path: ['references'], fix: 'add the foreign key in a later migration' },
    );
  }
  return table;
}
