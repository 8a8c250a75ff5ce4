import { writeName } from '../sql/sql-name.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import { readRelationName } from './relation-name.ts';
import { type ColumnModel, findColumn, findTable, type TableModel } from './schema-model.ts';

/** The table that an operation names, as the operations before it left it. */
export function requireTable(
  { model, before }: LoweringContext,
  written: string,
  path: readonly (string | number)[] = ['table'],
): TableModel | Refusal {
  const name = readRelationName(written);
  const table = findTable(model, name);
  if (table !== undefined) return table;
  if (findTable(before, name) === undefined) {
    return refuse(`there is no table ${writeName(name)}`, { path });
  }
  return refuse(`an operation before this one drops or renames the table ${writeName(name)}`, {
    path,
    fix: 'use its new name, or put this operation first',
  });
}

/** The same for an operation that changes which columns an application sees. */
export function requireTableForColumns(
  context: LoweringContext,
  written: string,
): TableModel | Refusal {
  const table = requireTable(context, written);
  if (isRefusal(table) || table.isNew || context.versionSchema !== undefined) return table;
  return table.name === table.physicalName
    ? table
    : refuse(
        `this migration renames ${table.physicalName} to ${table.name}, and until contract the new name is a view of the columns as they were`,
        {
          path: ['table'],
          fix: 'put this operation before rename_table, or versioned_schema: true',
        },
      );
}

/** The columns that an operation names. */
export function requireColumns(
  table: TableModel,
  names: readonly string[],
  path: readonly (string | number)[] = ['columns'],
): readonly ColumnModel[] | Refusal {
  const found: ColumnModel[] = [];
  for (const name of names) {
    const column = findColumn(table, name);
    if (column === undefined) {
      const known = table.columns.map((each) => each.name).join(', ');
      return refuse(`there is no column ${name} in the table ${table.name}`, {
        path,
        fix: `its columns are ${known}`,
      });
    }
    found.push(column);
  }
  return found;
}

/** Tells the refusals apart from what was looked for. */
export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && value.kind === 'refused';
}

/** A refusal that was found inside a part of the operation. */
export function within(path: readonly (string | number)[], refusal: Refusal): Refusal {
  return { ...refusal, path: [...path, ...(refusal.path ?? [])] };
}
