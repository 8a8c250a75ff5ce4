import type { TableCommand } from './alter-table.ts';
import { columnOf } from './column.ts';
import { type Conversion, converted, ifExists, noOperation, relationText } from './conversion.ts';

/** Commands that add, drop or change one column; undefined for any other. */
export function convertColumnCommand(given: TableCommand): Conversion | undefined {
  const { command, sql } = given;
  const table = relationText(given.table);
  const column = command.name ?? '';
  switch (command.subtype) {
    case 'AT_AddColumn':
      return addColumn(given);
    case 'AT_DropColumn':
      if (command.missing_ok === true) return ifExists();
      return converted(
        'drop_column',
        { table, column },
        'no `down`: until finalize, rows of the new application get the default of the column; write `down` for another value',
      );
    case 'AT_AlterColumnType':
      return alterType(given);
    case 'AT_SetNotNull':
      return converted(
        'alter_column',
        { table, column, nullable: false },
        'no `up`: a row with NULL stops the validation; write `up`, such as coalesce(..., ...), to fill them',
      );
    case 'AT_DropNotNull':
      return converted(
        'alter_column',
        { table, column, nullable: true },
        'no `down`: the old application may read NULL; write `down` for what it reads instead',
      );
    case 'AT_ColumnDefault':
      return converted('alter_column', {
        table,
        column,
        default: command.def === undefined ? null : sql.after(['default'])?.text,
      });
    default:
      return undefined;
  }
}

function addColumn({ command, table, sql }: TableCommand): Conversion {
  if (command.missing_ok === true) return ifExists();
  const { def } = command;
  if (def === undefined || !('ColumnDef' in def)) return noOperation('it adds no column');
  const text = sql.after(['add', 'column']) ?? sql.after(['add']);
  if (text === undefined) return noOperation('the column cannot be read');
  const column = columnOf(def.ColumnDef, text, table.name);
  if (column.kind === 'refused') return noOperation(column.why);
  const { value } = column;
  const filled =
    value['nullable'] === true ||
    value['default'] !== undefined ||
    value['generated'] !== undefined ||
    /serial/i.test(String(value['type']));
  return converted(
    'add_column',
    { table: relationText(table), column: value },
    filled
      ? 'no `up`: existing rows get the default, or NULL'
      : 'existing rows need a value: write `up`, SQL over the row, or a default',
  );
}

function alterType({ command, table, sql }: TableCommand): Conversion {
  const { def } = command;
  if (def === undefined || !('ColumnDef' in def)) return noOperation('it has no type');
  if (def.ColumnDef.collClause !== undefined) return noOperation('COLLATE has no operation');
  const column = command.name ?? '';
  const type = (sql.after(['set', 'data', 'type'], ['using']) ?? sql.after(['type'], ['using']))
    ?.text;
  const quoted = /^[a-z_][a-z0-9_]*$/.test(column) ? column : `"${column.replaceAll('"', '""')}"`;
  const using = sql.after(['using'])?.text;
  return converted(
    'alter_column',
    {
      table: relationText(table),
      column,
      type,
      up: using ?? `CAST(${quoted} AS ${type})`,
      down: quoted,
    },
    using === undefined
      ? '`up` is the cast that PostgreSQL would use'
      : '`up` is the expression of USING',
    '`down` hands the new value back as it is: write a cast to the old type where one is needed',
  );
}
