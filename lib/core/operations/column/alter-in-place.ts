import { quoteName } from '../../sql/sql-name.ts';
import { withConstraint } from '../change-model.ts';
import { constraintSql } from '../constraint-sql.ts';
import type { StepDraft } from '../lowered.ts';
import { type LoweringContext, type LoweringOutcome, lowered } from '../operation-kind.ts';
import type { RowExpression } from '../row-expression.ts';
import {
  finalTable,
  findTable,
  physicalTable,
  type SchemaModel,
  withColumn,
  withTable,
} from '../schema-model.ts';
import type { AlterColumn } from './alter.ts';
import { commentSql } from './comment.ts';
import { constraintSteps } from './constraint-steps.ts';
import { notNullSteps } from './not-null-steps.ts';

/** A change that leaves every value as it is, made on the column itself. */
export function alterInPlace(
  alter: AlterColumn,
  up: RowExpression,
  context: LoweringContext,
): LoweringOutcome {
  const after = modelAfter(alter, context.model);
  return alter.table.isNew
    ? lowered({ expand: changesOfNew(alter, up, context), after })
    : lowered({
        expand: widenedType(alter, context),
        validate: [
          ...(alter.notNull && !alter.column.notNull
            ? notNullSteps(physicalTable(context.model, alter.table), alter.column.physicalName)
            : []),
          ...alter.constraints.flatMap((each) =>
            constraintSteps(context, alter.table, each, (name) => physicalOf(alter, name)),
          ),
        ],
        contract: defaultAndComment(alter, context),
        after,
      });
}

function physicalOf({ table }: AlterColumn, name: string): string {
  return table.columns.find((column) => column.name === name)?.physicalName ?? name;
}

/** Nobody uses the table yet: whatever is done to it harms nobody. */
function changesOfNew(
  alter: AlterColumn,
  up: RowExpression,
  { model }: LoweringContext,
): readonly StepDraft[] {
  const { column, constraints } = alter;
  const name = quoteName(column.name);
  const table = physicalTable(model, alter.table);
  const commands = [
    ...(alter.type === column.type
      ? []
      : [`alter column ${name} type ${alter.type} using (${up.text})`]),
    ...(alter.notNull === column.notNull
      ? []
      : [`alter column ${name} ${alter.notNull ? 'set' : 'drop'} not null`]),
    ...(alter.default === undefined ? [] : [defaultCommand(name, alter.default)]),
    ...constraints.map((each) => `add ${constraintSql(each)}`),
  ];
  const undo = { kind: 'nothing', why: 'the table itself is dropped' } as const;
  const step = (id: string, sql: string): StepDraft => ({ kind: 'statement', id, sql, undo });
  return [
    ...(commands.length === 0
      ? []
      : [step('alter', `alter table ${table} ${commands.join(', ')}`)]),
    ...(alter.comment === undefined
      ? []
      : [step('comment', commentSql(table, column.name, alter.comment ?? undefined))]),
  ];
}

/** The catalog changes and no row: both applications go on. */
function widenedType(alter: AlterColumn, { model }: LoweringContext): readonly StepDraft[] {
  const { column, type } = alter;
  if (type === column.type) return [];
  const to = (wanted: string) =>
    `alter table ${physicalTable(model, alter.table)} alter column ${quoteName(column.physicalName)} type ${wanted}`;
  return [
    {
      kind: 'statement',
      id: 'type',
      sql: to(type),
      undo: { kind: 'statement', sql: to(column.type) },
    },
  ];
}

/** At contract: until then an insert of the old application gets what it always got. */
function defaultAndComment(alter: AlterColumn, { model }: LoweringContext): readonly StepDraft[] {
  const { column } = alter;
  const table = finalTable(model, alter.table);
  const name = quoteName(column.name);
  return [
    ...(alter.default === undefined || alter.default === (column.default ?? null)
      ? []
      : [
          {
            kind: 'statement',
            id: 'default',
            sql: `alter table ${table} ${defaultCommand(name, alter.default)}`,
            undo: {
              kind: 'statement',
              sql: `alter table ${table} ${defaultCommand(name, column.default ?? null)}`,
            },
          } as const,
        ]),
    ...(alter.comment === undefined
      ? []
      : [
          {
            kind: 'statement',
            id: 'comment',
            sql: commentSql(table, column.name, alter.comment ?? undefined),
            undo: { kind: 'statement', sql: commentSql(table, column.name, column.comment) },
          } as const,
        ]),
  ];
}

function defaultCommand(name: string, value: string | null): string {
  return value === null
    ? `alter column ${name} drop default`
    : `alter column ${name} set default ${value}`;
}

function modelAfter(alter: AlterColumn, model: SchemaModel): SchemaModel {
  const { table, column } = alter;
  const changed = withTable(
    model,
    withColumn(table, column.name, {
      type: alter.type,
      notNull: alter.notNull,
      ...(alter.default === undefined ? {} : { default: alter.default ?? undefined }),
      ...(alter.comment === undefined ? {} : { comment: alter.comment ?? undefined }),
    }),
  );
  return alter.constraints.reduce((now, constraint) => {
    const present = findTable(now, table);
    return present === undefined ? now : withConstraint(now, present, constraint, [column.name]);
  }, changed);
}
