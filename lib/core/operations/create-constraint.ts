import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { withConstraint } from './change-model.ts';
import { constraintSteps } from './column/constraint-steps.ts';
import {
  type ChangedColumns,
  changeColumns,
  changedValues,
  ExpressionsFormat,
} from './column-expressions.ts';
import { TableNameFormat } from './column-format.ts';
import type { Constraint } from './constraint.ts';
import { constrainedColumns } from './constraint-columns.ts';
import { CONSTRAINT_KEYS } from './constraint-format.ts';
import { constraintSql } from './constraint-sql.ts';
import { isRefusal, requireColumns, requireTable } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { primaryKeySteps } from './primary-key-steps.ts';
import { readConstraint } from './read-constraint.ts';
import { referencedTable } from './referenced-table.ts';
import {
  findColumn,
  findTable,
  physicalTable,
  type SchemaModel,
  type TableModel,
  withTable,
} from './schema-model.ts';
import { whyNotConstrained } from './why-not-constrained.ts';

const Format = part('a constraint with table, name and type', {
  table: TableNameFormat,
  ...CONSTRAINT_KEYS,
  up: ExpressionsFormat.optional().describe(
    'For each column the value that meets the constraint, SQL over the row as the old application sees it. @default - the value as it is',
  ),
  down: ExpressionsFormat.optional().describe(
    'For each column what the old application reads. @default - the value as it is',
  ),
}).meta({
  id: 'create_constraint',
  description:
    'Adds a constraint or a key to a table in use: validated, or on an index that was built before, so that nobody waits for a scan.',
});

export type CreateConstraint = z.output<typeof Format>;

/**
 * Where the values stay as they are, the constraint is added NOT VALID and then validated, or rests
 * on an index that was built concurrently. Where `up` makes them meet it, their columns get others
 * beside them, which have the constraint and change places with them at contract.
 */
export const createConstraint = operationKind({
  name: 'create_constraint',
  format: Format,
  lower: (declared: CreateConstraint, context: LoweringContext): LoweringOutcome => {
    const table = requireTable(context, declared.table);
    if (isRefusal(table)) return table;
    const constraint = readConstraint(declared, context.parser);
    if (isRefusal(constraint)) return constraint;
    const columns = columnsOf(declared, constraint, table, context);
    if (isRefusal(columns)) return columns;
    const refusal = whyNotConstrained(constraint, table, context);
    if (refusal !== undefined) return refusal;
    if (constraint.kind === 'foreign-key') {
      const referenced = referencedTable(constraint, context.model);
      if (isRefusal(referenced)) return referenced;
    }
    if (table.isNew) {
      const after = withConstraint(context.model, table, constraint, columns);
      return lowered({ expand: [addToNew(constraint, table, context.model)], after });
    }
    const values = changedValues(declared, columns, table, context);
    if (isRefusal(values)) return values;
    if (values.length > 0 && constraint.kind === 'primary-key') {
      return refuse(`the values of the primary key ${constraint.name} cannot change with it`, {
        path: ['up'],
        fix: 'change the columns first (alter_column), and add the key in a later migration',
      });
    }
    const changed = changeColumns(table, values, new Set(), context);
    return isRefusal(changed) ? changed : addToUsed(constraint, columns, changed, context);
  },
});

/** For pgroll a check names its columns; without them they are those of its condition. */
function columnsOf(
  declared: CreateConstraint,
  constraint: Constraint,
  table: TableModel,
  { parser }: LoweringContext,
): readonly string[] | Refusal {
  const found = constrainedColumns(constraint, table, parser);
  if (isRefusal(found)) return found;
  const named = requireColumns(table, declared.columns ?? []);
  if (isRefusal(named)) return named;
  return [...new Set([...named, ...found].map(({ name }) => name))];
}

function addToNew(constraint: Constraint, table: TableModel, model: SchemaModel): StepDraft {
  return {
    kind: 'statement',
    id: `add_${constraint.name}`,
    sql: `alter table ${physicalTable(model, table)} add ${constraintSql(constraint)}`,
    undo: { kind: 'nothing', why: 'the table itself is dropped' },
  };
}

function addToUsed(
  constraint: Constraint,
  columns: readonly string[],
  { table, expand, validate, sync }: ChangedColumns,
  context: LoweringContext,
): LoweringOutcome {
  const model = withTable(context.model, table);
  const steps = stepsFor(constraint, table, { ...context, model });
  const now = findTable(model, table) ?? table;
  return lowered({
    ...(expand.length === 0 ? {} : { expand }),
    ...(sync.length === 0 ? {} : { sync }),
    validate: [...validate, ...steps],
    after: withConstraint(model, now, constraint, columns),
  });
}

function stepsFor(
  constraint: Constraint,
  table: TableModel,
  context: LoweringContext,
): readonly StepDraft[] {
  const physical = (column: string) => findColumn(table, column)?.physicalName ?? column;
  switch (constraint.kind) {
    case 'primary-key':
      return primaryKeySteps(context.model, table, constraint);
    case 'check':
    case 'foreign-key':
      return constraintSteps(context, table, constraint, physical);
    case 'unique':
      return constraintSteps(context, table, { ...constraint, kind: 'unique' }, physical);
    case 'exclusion':
      // Refused before, except on a new table.
      return [];
  }
}
