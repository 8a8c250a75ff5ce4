import { quoteName } from '../../sql/sql-name.ts';
import { chosenName, shadowName } from '../names.ts';
import type { ColumnModel, ConstraintModel, TableModel } from '../schema-model.ts';
import { validatedConstraint } from './constraint-steps.ts';
import { type CopiedStructure, swapNames } from './copy-structure.ts';
import { notNullSteps } from './not-null-steps.ts';

/** From this version on NOT NULL is a constraint with a name, and can be added NOT VALID. */
const NAMED_FROM = 18;

export interface NotNullOfCopy extends CopiedStructure {
  /** As it is afterwards, where the old column has none. */
  readonly model: ConstraintModel | undefined;
}

interface Copy {
  readonly table: TableModel;
  readonly column: ColumnModel;
  /** What the column is called afterwards. */
  readonly name: string;
  readonly shadow: string;
}

/**
 * NOT NULL for the column that replaces another one. Named by us where it has a name: PostgreSQL
 * would name it after the shadow, and that name would stay when the shadow is long gone.
 */
export function notNullOfCopy(
  { table, column, name, shadow }: Copy,
  tableSql: string,
  serverVersion: number,
): NotNullOfCopy {
  if (serverVersion < NAMED_FROM) {
    return { validate: notNullSteps(tableSql, shadow), swap: [], model: undefined };
  }
  const definition = (columnName: string) => `not null ${quoteName(columnName)}`;
  const own = notNullOf(table, column.name);
  if (own !== undefined) {
    const copy = shadowName(own.name);
    return {
      validate: validatedConstraint(tableSql, copy, definition(shadow)),
      swap: swapNames(tableSql, own.name, copy),
      model: undefined,
    };
  }
  const free = freeName(table, name);
  return {
    validate: validatedConstraint(tableSql, free, definition(shadow)),
    swap: [],
    model: {
      name: free,
      kind: 'not-null',
      columns: [name],
      definition: `NOT NULL ${quoteName(name)}`,
      validated: true,
      references: undefined,
    },
  };
}

export function notNullOf(table: TableModel, column: string): ConstraintModel | undefined {
  return table.constraints.find(
    ({ kind, columns }) => kind === 'not-null' && columns.includes(column),
  );
}

/** The name that PostgreSQL would choose; a number follows where it is taken. */
function freeName(table: TableModel, column: string): string {
  const taken = new Set(table.constraints.map(({ name }) => name));
  for (let number = 0; ; number += 1) {
    const name = chosenName(table.name, column, `not_null${number === 0 ? '' : number}`);
    if (!taken.has(name)) return name;
  }
}
