import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { NOTHING_EARLIER } from '../sql/catalog.ts';
import { isBuiltIn, parsePgType } from '../sql/pg-type.ts';
import { quoteName } from '../sql/sql-name.ts';
import { volatilityOf } from '../sql/volatility.ts';
import { withConstraint } from './change-model.ts';
import { commentSql } from './column/comment.ts';
import { type AddableConstraint, constraintSteps } from './column/constraint-steps.ts';
import { whyNameTaken } from './column/find.ts';
import { notNullSteps } from './column/not-null-steps.ts';
import { readUp } from './column/read-expressions.ts';
import { ColumnFormat, SqlValueFormat, TableNameFormat } from './column-format.ts';
import { columnDefinition, declaredColumn, refuseColumn } from './column-sql.ts';
import { isSerialType } from './column-type.ts';
import { columnConstraints } from './constraint.ts';
import { constraintSql } from './constraint-sql.ts';
import { isRefusal, requireTableForColumns, within } from './find-table.ts';
import type { StepDraft, SyncRule } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import {
  findTable,
  physicalTable,
  type SchemaModel,
  type TableModel,
  withTable,
} from './schema-model.ts';

const Format = part('a table and a column', {
  table: TableNameFormat,
  column: ColumnFormat,
  up: SqlValueFormat.optional().describe(
    'The value in rows of the old application, SQL over the row as it sees it. @default - the default of the column',
  ),
}).meta({
  id: 'add_column',
  description: 'Adds a column: without constraints first, filled in batches, then held to them.',
});

type Declared = z.output<typeof Format>;

/**
 * Nullable first, constraints later. A constant default needs no backfill: PostgreSQL keeps it once
 * for all old rows (since 11). A volatile one and `up` are written row by row.
 */
export const addColumn = operationKind({
  name: 'add_column',
  format: Format,
  lower: (declared: Declared, context: LoweringContext): LoweringOutcome => {
    const table = requireTableForColumns(context, declared.table);
    if (isRefusal(table)) return table;
    const { column } = declared;
    const refusal =
      whyNameTaken(table, column.name, ['column', 'name']) ?? refuseWithin(declared, context);
    if (refusal !== undefined) return refusal;
    const after = withColumnAdded(table, declared, context);
    if (table.isNew) return addToNew(table, declared, context, after);
    return whyNotAdded(declared, context) ?? addToUsed(table, declared, context, after);
  },
});

function refuseWithin({ column }: Declared, context: LoweringContext): Refusal | undefined {
  const refusal = refuseColumn(column, context);
  return refusal && within(['column'], refusal);
}

function whyNotAdded({ column, up }: Declared, { parser }: LoweringContext): Refusal | undefined {
  const named = `column ${quoteName(column.name)}`;
  if (column.pk) {
    return refuse(`${named} cannot become the primary key of a table in use at once`, {
      path: ['column', 'pk'],
      fix: 'add it without pk, then create_constraint with type: primary_key',
    });
  }
  if (column.generated !== undefined || isSerialType(parser, column.type)) {
    return refuse(
      `adding ${named} would rewrite the table under ACCESS EXCLUSIVE, as every generated, identity or serial column does`,
      {
        path: ['column'],
        fix: 'add a plain column and give its values with up, or a default such as nextval(...)',
      },
    );
  }
  const hasValue = column.nullable || up !== undefined || column.default !== undefined;
  return hasValue
    ? undefined
    : refuse(`${named} is NOT NULL, and existing rows would have no value`, {
        path: ['column'],
        fix: 'write up, or a default, or nullable: true',
      });
}

function addToNew(
  table: TableModel,
  { column }: Declared,
  context: LoweringContext,
  after: SchemaModel,
): LoweringOutcome {
  const tableSql = physicalTable(context.model, table);
  const constraints = columnConstraints(column, table.name).map(
    (each) => `add ${constraintSql(each)}`,
  );
  const sql = [`add column ${columnDefinition(column)}`, ...constraints].join(', ');
  const undo = { kind: 'nothing', why: 'the table itself is dropped' } as const;
  return lowered({
    expand: [
      { kind: 'statement', id: 'add', sql: `alter table ${tableSql} ${sql}`, undo },
      ...commentSteps(tableSql, column.name, column.comment),
    ],
    after,
  });
}

function addToUsed(
  table: TableModel,
  declared: Declared,
  context: LoweringContext,
  after: SchemaModel,
): LoweringOutcome {
  const { column } = declared;
  const tableSql = physicalTable(context.model, table);
  const filling = howFilled(declared, context);
  const up = filling.up === undefined ? undefined : readUp(context, table, filling.up);
  if (up?.kind === 'refused') return up;
  const definition = columnDefinition(column, {
    nullable: filling.up !== undefined || column.nullable,
    withDefault: filling.up === undefined,
  });
  const name = quoteName(column.name);
  const setDefault = `alter table ${tableSql} alter column ${name} set default ${column.default}`;
  const dropDefault = `alter table ${tableSql} alter column ${name} drop default`;
  const sync: SyncRule | undefined = up && {
    table,
    oldColumn: undefined,
    newColumn: column.name,
    shadow: column.name,
    up: up.expression.text,
    down: undefined,
    backfill: true,
    ...(filling.defaultLater && { swap: [{ act: setDefault, undo: dropDefault }] }),
  };
  const constraints = columnConstraints(column, table.physicalName) as readonly AddableConstraint[];
  return lowered({
    expand: [
      {
        kind: 'statement',
        id: 'add',
        sql: `alter table ${tableSql} add column ${definition}`,
        undo: { kind: 'statement', sql: `alter table ${tableSql} drop column ${name}` },
      },
      ...(filling.defaultNow
        ? [
            {
              kind: 'statement',
              id: 'default',
              sql: setDefault,
              undo: { kind: 'statement', sql: dropDefault },
            } as const,
          ]
        : []),
      ...commentSteps(tableSql, column.name, column.comment),
    ],
    ...(sync !== undefined && { sync: [sync] }),
    validate: [
      ...(filling.up !== undefined && !column.nullable ? notNullSteps(tableSql, column.name) : []),
      ...constraints.flatMap((each) => constraintSteps(context, table, each, (name) => name)),
    ],
    after,
  });
}

interface Filling {
  /** Where the values of old rows come from; undefined: from the default, or they are NULL. */
  readonly up: string | undefined;
  /** The default works from expand on, for rows that both applications insert. */
  readonly defaultNow: boolean;
  /** Until contract a row without a value is the old application's, and gets `up`. */
  readonly defaultLater: boolean;
}

function howFilled({ column, up }: Declared, context: LoweringContext): Filling {
  const { default: value } = column;
  if (up !== undefined) return { up, defaultNow: false, defaultLater: value !== undefined };
  const constant =
    value === undefined || (isConstant(value, context) && isPlainType(column.type, context));
  return constant
    ? { up: undefined, defaultNow: false, defaultLater: false }
    : { up: value, defaultNow: true, defaultLater: false };
}

/** One value for all rows, as far as is known: anything else would rewrite the table. */
function isConstant(value: string, { parser, model }: LoweringContext): boolean {
  const parsed = parser.parse(`select (${value})`);
  const [statement] = parsed.kind === 'parsed' ? parsed.statements : [];
  if (statement === undefined) return false;
  const known = {
    parser,
    serverVersion: model.serverVersion,
    timeZoneUtc: undefined,
    catalog: undefined,
    earlier: NOTHING_EARLIER,
  };
  return volatilityOf(statement.node, known) === 'stable';
}

/** Adding a column of a constrained domain rewrites the table, default or not. */
function isPlainType(type: string, { parser, model }: LoweringContext): boolean {
  const read = parsePgType(parser, type);
  if (read === undefined) return false;
  const isEnum = model.enums.some(({ name }) => name === read.name.name);
  return isEnum || isBuiltIn(read.name);
}

function commentSteps(
  table: string,
  column: string,
  comment: string | undefined,
): readonly StepDraft[] {
  if (comment === undefined) return [];
  return [
    {
      kind: 'statement',
      id: 'comment',
      sql: commentSql(table, column, comment),
      undo: { kind: 'nothing', why: 'the column itself is dropped' },
    },
  ];
}

function withColumnAdded(
  table: TableModel,
  { column }: Declared,
  context: LoweringContext,
): SchemaModel {
  const added = declaredColumn(column, table.name, context);
  const named = { schema: table.schema, name: table.name };
  const start = withTable(context.model, {
    ...table,
    columns: [...table.columns, { ...added, changed: !table.isNew }],
  });
  return columnConstraints(column, table.name).reduce((model, constraint) => {
    const now = findTable(model, named);
    return now === undefined ? model : withConstraint(model, now, constraint, [column.name]);
  }, start);
}
