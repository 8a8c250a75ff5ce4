import { quoteName } from '../../sql/sql-name.ts';
import { type LoweringContext, type Refusal, refuse } from '../operation-kind.ts';
import { type SeenSchema, withQualifiedTables } from '../qualify-tables.ts';
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
  const seen = { model: context.before };
  return read(context, written, { table: before, seen, who: 'the old application', path });
}

/** `down`: over the row as the application after it sees it. */
export function readDown(
  context: LoweringContext,
  after: TableModel,
  written: string,
  path: Refusal['path'] = ['down'],
): Read {
  const seen = { model: context.model, views: context.versionSchema };
  return read(context, written, { table: after, seen, who: 'the new application', path });
}

/** The table as it is before the migration, whatever the operations call it. */
export function tableBefore(before: SchemaModel, table: TableModel): TableModel | undefined {
  return findTable(before, { schema: table.schema, name: table.physicalName });
}

interface Reader {
  readonly table: TableModel;
  /** The tables that subqueries may name. */
  readonly seen: SeenSchema;
  readonly who: string;
  readonly path: Refusal['path'];
}

function read({ parser }: LoweringContext, written: string, reader: Reader): Read {
  const { table, seen, who, path } = reader;
  const outcome = readExpression(parser, withQualifiedTables(parser, written, seen));
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
