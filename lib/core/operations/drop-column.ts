import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { quoteName } from '../sql/sql-name.ts';
import { columnNamed } from './column/find.ts';
import { readDown } from './column/read-expressions.ts';
import { ownVersions, whyNotReplaced } from './column/whose-column.ts';
import { ColumnNameFormat, SqlValueFormat, TableNameFormat } from './column-format.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  refuse,
} from './operation-kind.ts';
import { type ColumnModel, physicalTable, type TableModel, withTable } from './schema-model.ts';

const Format = part('a table and a column', {
  table: TableNameFormat,
  column: ColumnNameFormat,
  down: SqlValueFormat.optional().describe(
    'What the old application reads in rows that the new one inserts: SQL over the new row. For a column that may be NULL or has a default, with versioned_schema only: nothing else tells who left it out. @default - the default of the column',
  ),
}).meta({
  id: 'drop_column',
  description: 'Takes a column away: first its name, after the soak gate its values.',
});

/** The column is renamed away at contract and dropped at finalize; until then new rows get `down`. */
export const dropColumn = operationKind({
  name: 'drop_column',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const found = columnNamed(context, declared.table, declared.column);
    if (found.kind === 'refused') return found;
    const { table, column } = found;
    const after = withTable(context.model, withoutColumn(table, column));
    const versions = ownVersions(context);
    const used =
      whyNotReplaced(table, column, { versions, viewsFollow: false }) ??
      whyNotDropped(table, column);
    if (used !== undefined) return used;
    if (table.isNew) return lowered({ expand: [dropNow(table, column, context)], after });
    if (declared.down === undefined) {
      if (column.notNull && column.default === undefined && column.identity === undefined) {
        return refuse(
          `column ${quoteName(column.name)} of ${quoteName(table.name)} is NOT NULL without a default, so rows of an application that does not know it could not be inserted`,
          { fix: 'write down: the value of such rows' },
        );
      }
      return lowered({ sync: [rule(table, column, undefined)], after });
    }
    const down = readDown(context, withoutColumn(table, column), declared.down);
    if (down.kind === 'refused') return down;
    return lowered({ sync: [rule(table, column, down.expression.text)], after });
  },
});

function rule(table: TableModel, column: ColumnModel, down: string | undefined) {
  return {
    table,
    oldColumn: column.name,
    newColumn: undefined,
    shadow: undefined,
    up: undefined,
    down,
    backfill: false,
  };
}

function dropNow(table: TableModel, column: ColumnModel, { model }: LoweringContext) {
  return {
    kind: 'statement',
    id: 'drop',
    sql: `alter table ${physicalTable(model, table)} drop column ${quoteName(column.physicalName)}`,
    undo: { kind: 'nothing', why: 'the table itself is dropped' },
  } as const;
}

function whyNotDropped(table: TableModel, column: ColumnModel) {
  if (column.changed) {
    return refuse(
      `an earlier operation of this migration changes column ${quoteName(column.name)} of ${quoteName(table.name)}`,
      { fix: 'leave one of the two operations out, or write two migrations' },
    );
  }
  const key = table.constraints.find(
    ({ kind, columns }) => kind === 'primary-key' && columns.includes(column.name),
  );
  return key === undefined || table.isNew
    ? undefined
    : refuse(
        `column ${quoteName(column.name)} is part of the primary key ${quoteName(key.name)} of ${quoteName(table.name)}`,
        { fix: 'give the table another primary key first' },
      );
}

/** As PostgreSQL does it, indexes and constraints over the column go with it. */
function withoutColumn(table: TableModel, column: ColumnModel): TableModel {
  const uses = ({ columns }: { readonly columns: readonly string[] }) =>
    columns.includes(column.name);
  return {
    ...table,
    columns: table.columns.filter((each) => each !== column),
    indexes: table.indexes.filter((index) => !uses(index)),
    constraints: table.constraints.filter((constraint) => !uses(constraint)),
  };
}
