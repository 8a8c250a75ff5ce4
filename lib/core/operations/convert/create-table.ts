import type { CreateStmt } from 'libpg-query';
import { nameOfRange } from '../../sql/sql-name.ts';
import { columnOf } from './column.ts';
import { tableConstraintOf } from './constraint.ts';
import {
  type Conversion,
  type ConvertContext,
  converted,
  noOperation,
  relationText,
} from './conversion.ts';

/** CREATE TABLE: nobody uses the table yet, so everything is made at once. */
export function convertCreateTable(node: CreateStmt, { sql }: ConvertContext): Conversion {
  const plain =
    node.inhRelations === undefined &&
    node.partspec === undefined &&
    node.ofTypename === undefined &&
    node.options === undefined &&
    node.tablespacename === undefined &&
    node.if_not_exists !== true &&
    node.relation?.relpersistence === 'p';
  if (!plain) {
    return noOperation(
      'create_table knows no IF NOT EXISTS, PARTITION BY, INHERITS, OF, WITH, TABLESPACE or TEMPORARY',
    );
  }
  const table = nameOfRange(node.relation);
  const columns: object[] = [];
  const constraints: object[] = [];
  const texts = sql.inside()?.parts() ?? [];
  for (const [index, element] of (node.tableElts ?? []).entries()) {
    const text = texts[index];
    if (text === undefined) return noOperation('its columns cannot be told apart');
    const part =
      'ColumnDef' in element
        ? columnOf(element.ColumnDef, text, table.name)
        : 'Constraint' in element
          ? tableConstraintOf(element.Constraint, text, table.name)
          : ({ kind: 'refused', why: 'LIKE has no operation' } as const);
    if (part.kind === 'refused') return noOperation(part.why);
    ('ColumnDef' in element ? columns : constraints).push(part.value);
  }
  return converted(
    'create_table',
    {
      name: relationText(table),
      columns,
      constraints: constraints.length > 0 ? constraints : undefined,
    },
    'a new table is used by nobody yet: it is made with all its constraints in expand',
  );
}
