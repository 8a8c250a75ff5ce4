import { z } from 'zod';
import { quoteLiteral } from '../backfill/sql-text.ts';
import { listOf, part, text } from '../migration/format/vocabulary.ts';
import { quoteName, writeName } from '../sql/sql-name.ts';
import { withConstraint } from './change-model.ts';
import { ColumnFormat, TableNameFormat } from './column-format.ts';
import { columnDefinition, declaredColumn, refuseColumn } from './column-sql.ts';
import type { Constraint } from './constraint.ts';
import { ConstraintFormat } from './constraint-format.ts';
import { constraintSql } from './constraint-sql.ts';
import { isRefusal, within } from './find-table.ts';
import { isClosed, isOneStatement } from './fragments.ts';
import type { StepDraft } from './lowered.ts';
import { columnsOf, readConstraints } from './new-table-constraints.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { readRelationName } from './relation-name.ts';
import {
  findTable,
  physicalTable,
  type SchemaModel,
  type TableModel,
  withTable,
} from './schema-model.ts';

export const CreateTableFormat = part('a table with a name and columns', {
  name: TableNameFormat,
  columns: listOf('a list of columns', ColumnFormat, 1),
  constraints: listOf('a list of constraints', ConstraintFormat).default([]),
  comment: z.string({ error: 'a text' }).optional(),
  partition_by: text('such as RANGE (created_at)')
    .optional()
    .meta({ description: 'How rows are spread over partitions.', examples: ['RANGE (at)'] }),
}).meta({ id: 'create_table', description: 'Creates a table; nobody uses it yet.' });

export type CreateTable = z.output<typeof CreateTableFormat>;

/** A new table is nobody's obstacle: it is made as a whole, with its keys and constraints. */
export const createTable = operationKind({
  name: 'create_table',
  format: CreateTableFormat,
  lower: (declared: CreateTable, context: LoweringContext): LoweringOutcome => {
    const table = newTable(declared, context);
    const refusal = refuseTable(declared, table, context) ?? refuseColumns(declared, context);
    if (refusal !== undefined) return refusal;
    const constraints = readConstraints(declared, table, context);
    if (isRefusal(constraints)) return constraints;

    const model = withTable(context.model, table);
    const sql = createSql(declared, constraints, physicalTable(model, table), model);
    const closed = isClosed(context.parser, declared.partition_by ?? '');
    if (!closed || !isOneStatement(context.parser, sql, 'CreateStmt')) {
      return refuse(`the table ${table.name} cannot be written as one statement: ${sql}`, {
        fix: 'write partition_by such as RANGE (created_at), and parameters such as fillfactor = 70',
      });
    }
    const after = constraints.reduce((made, constraint) => {
      const sofar = findTable(made, table) ?? table;
      return withConstraint(made, sofar, constraint, columnsOf(constraint, table, context));
    }, model);
    return lowered({ expand: [createStep(declared, sql, physicalTable(model, table))], after });
  },
});

function newTable(
  { name: written, columns, comment, partition_by: key }: CreateTable,
  context: LoweringContext,
): TableModel {
  const { schema = context.model.defaultSchema, name } = readRelationName(written);
  return {
    schema,
    name,
    physicalName: name,
    kind: key === undefined ? 'table' : 'partitioned-table',
    partitionOf: undefined,
    partitionKey: key,
    partitions: [],
    columns: columns.map((column) => declaredColumn(column, name, context)),
    indexes: [],
    constraints: [],
    referencedBy: [],
    triggers: [],
    dependents: [],
    replicaIdentity: { kind: 'default' },
    rowSecurity: false,
    comment,
    estimatedRows: 0,
    isNew: true,
  };
}

function refuseTable(
  { columns }: CreateTable,
  { schema, name }: TableModel,
  { model, before }: LoweringContext,
): Refusal | undefined {
  const wanted = { schema, name };
  if (findTable(model, wanted) !== undefined || findTable(before, wanted) !== undefined) {
    return refuse(`there is a table ${writeName(wanted)} already`, {
      path: ['name'],
      fix: 'choose another name; a table of this name may be created when the old one is gone',
    });
  }
  if (model.enums.some((known) => known.schema === schema && known.name === name)) {
    return refuse(`there is a type ${writeName(wanted)}, and a table makes a type of its name`, {
      path: ['name'],
    });
  }
  const names = columns.map((column) => column.name);
  const repeated = names.findIndex((each, index) => names.indexOf(each) < index);
  return repeated < 0
    ? undefined
    : refuse(`the column ${names[repeated]} is there twice`, {
        path: ['columns', repeated, 'name'],
      });
}

function refuseColumns({ columns }: CreateTable, context: LoweringContext): Refusal | undefined {
  for (const [index, column] of columns.entries()) {
    const refusal = refuseColumn(column, context);
    if (refusal !== undefined) return within(['columns', index], refusal);
  }
  return undefined;
}

function createSql(
  { columns, partition_by: key }: CreateTable,
  constraints: readonly Constraint[],
  name: string,
  model: SchemaModel,
): string {
  const referenced = (table: Parameters<typeof findTable>[1]) => {
    const found = findTable(model, table);
    return found === undefined ? writeName(table) : physicalTable(model, found);
  };
  const lines = [
    ...columns.map((column) => columnDefinition(column)),
    ...constraints.map((constraint) => constraintSql(constraint, { referenced })),
  ];
  const partitioned = key === undefined ? '' : ` partition by ${key}`;
  return `create table ${name} (\n  ${lines.join(',\n  ')}\n)${partitioned}`;
}

function createStep({ columns, comment }: CreateTable, sql: string, table: string): StepDraft {
  const comments = [
    ...(comment === undefined ? [] : [`comment on table ${table} is ${quoteLiteral(comment)}`]),
    ...columns.flatMap((column) =>
      column.comment === undefined
        ? []
        : [
            `comment on column ${table}.${quoteName(column.name)} is ${quoteLiteral(column.comment)}`,
          ],
    ),
  ];
  return {
    kind: 'statement',
    id: 'create',
    sql,
    ...(comments.length === 0 ? {} : { together: comments }),
    undo: { kind: 'statement', sql: `drop table ${table}` },
  };
}
