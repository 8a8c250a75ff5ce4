import { quoteName } from '../../sql/sql-name.ts';
import { type LoweringContext, type Refusal, refuse } from '../operation-kind.ts';
import { type ReadExpression, type RowExpression, readExpression } from '../row-expression.ts';
import { findColumn, findTable, type SchemaModel, type TableModel } from '../schema-model.ts';

type Read = Extract<ReadExpression, { kind: 'expression' }> | Refusal;

/** `up`: over the row as the application before this migration sees it. */
export function readUp(
  context: LoweringContext,
  table: TableModel,
  written: string,
  path: Refusal['path'] = ['up'],
): Read {
  const before = tableBefore(context.before, table) ?? table;
  return read(context, written, { table: before, who: 'the old application', path });
}

/** `down`: over the row as the application after it sees it. */
export function readDown(
  context: LoweringContext,
  after: TableModel,
  written: string,
  path: Refusal['path'] = ['down'],
): Read {
  return read(context, written, { table: after, who: 'the new application', path });
}

/** The table as it is before the migration, whatever the operations call it. */
export function tableBefore(before: SchemaModel, table: TableModel): TableModel | undefined {
  return findTable(before, { schema: table.schema, name: table.physicalName });
}

interface Reader {
  readonly table: TableModel;
  readonly who: string;
  readonly path: Refusal['path'];
}

function read(context: LoweringContext, written: string, { table, who, path }: Reader): Read {
  const outcome = readExpression(context.parser, written);
  const at = path === undefined ? {} : { path };
  if (outcome.kind === 'syntax-error') {
    return refuse(`not an SQL expression: ${outcome.message}: ${written}`, at);
  }
  return refuseColumns(outcome.expression, table, who, at) ?? outcome;
}

/** Names inside a subquery may be those of its own tables: the server will tell. */
function refuseColumns(
  expression: RowExpression,
  table: TableModel,
  who: string,
  at: Pick<Refusal, 'path'>,
): Refusal | undefined {
  const { columns, needsScope } = expression;
  const generated = columns.find((name) => findColumn(table, name)?.generated !== undefined);
  if (generated !== undefined) {
    return refuse(
      `${quoteName(generated)} is a generated column, which has no value yet when a trigger runs`,
      { ...at, fix: 'write its expression instead of its name' },
    );
  }
  const unknown = needsScope
    ? undefined
    : columns.find((name) => findColumn(table, name) === undefined);
  if (unknown === undefined) return undefined;
  const known = table.columns.map(({ name }) => quoteName(name)).join(', ');
  return refuse(
    `${quoteName(unknown)} is not a column of ${quoteName(table.name)} as ${who} sees it`,
    { ...at, fix: `one of ${known}` },
  );
}
