import { quoteName, writeName } from '../sql/sql-name.ts';
import { withoutConstraint } from './change-model.ts';
import { changeColumns, changedValues, type DeclaredExpressions } from './column-expressions.ts';
import { isRefusal } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import {
  type ConstraintModel,
  finalTable,
  findTable,
  physicalTable,
  type TableModel,
  withTable,
} from './schema-model.ts';

/** The constraint that an operation names, which has to be one that can be taken away by itself. */
export function requireConstraint(
  table: TableModel,
  name: string,
  { model }: LoweringContext,
): ConstraintModel | Refusal {
  const path = ['name'];
  const constraint = table.constraints.find((each) => each.name === name);
  if (constraint === undefined) {
    const known = table.constraints.map((each) => each.name).join(', ');
    return refuse(`there is no constraint ${name} on the table ${table.name}`, {
      path,
      fix: known === '' ? 'it has none' : `one of ${known}`,
    });
  }
  if (constraint.kind === 'not-null') {
    const [column = ''] = constraint.columns;
    return refuse(`${name} is what makes ${column} of ${table.name} NOT NULL`, {
      path,
      fix: `alter_column with column: ${column} and nullable: true`,
    });
  }
  const parent = table.partitionOf === undefined ? undefined : findTable(model, table.partitionOf);
  if (parent?.constraints.some((each) => each.name === name)) {
    return refuse(`${table.name} has ${name} from ${parent.name}, which it is a partition of`, {
      path,
      fix: `table: ${parent.name}`,
    });
  }
  const isKey = constraint.kind === 'primary-key' || constraint.kind === 'unique';
  const reference = isKey ? referenceTo(table, constraint) : undefined;
  return reference === undefined
    ? constraint
    : refuse(
        `the foreign key ${reference.constraint} of ${writeName(reference.table)} points to what ${name} keeps unique`,
        { path, fix: 'drop that foreign key first (drop_constraint)' },
      );
}

function referenceTo({ referencedBy }: TableModel, { columns }: ConstraintModel) {
  return referencedBy.find(
    (reference) =>
      reference.columns.length === columns.length &&
      reference.columns.every((column) => columns.includes(column)),
  );
}

/**
 * Where `down` says what the old application reads, the columns get others beside them without the
 * constraint: the new application may write what it likes at once, and the constraint goes with the
 * old columns at finalize.
 *
 * Where the values are the same for both, the constraint holds until finalize, for both. Dropped
 * any earlier, rows that violate it could be written, and there would be no way back that keeps
 * them. (pgroll refuses such rows as well: its down trigger writes them to the old column.)
 */
export function removeConstraint(
  table: TableModel,
  constraint: ConstraintModel,
  expressions: DeclaredExpressions,
  context: LoweringContext,
): LoweringOutcome {
  const values = changedValues(expressions, constraint.columns, table, context);
  if (isRefusal(values)) return values;
  const { name } = constraint;
  const { model } = context;
  if (table.isNew) {
    return lowered({
      expand: [
        {
          kind: 'statement',
          id: `drop_${name}`,
          sql: `alter table ${physicalTable(model, table)} drop constraint ${quoteName(name)}`,
          undo: { kind: 'nothing', why: 'the table itself is dropped' },
        },
      ],
      after: withoutConstraint(model, table, name),
    });
  }
  if (values.length === 0) {
    return lowered({
      finalize: [dropAtFinalize(table, constraint, context)],
      after: withoutConstraint(model, table, name),
    });
  }
  if (constraint.kind === 'primary-key') {
    return refuse(`the values of the primary key ${name} cannot change with it`, {
      path: ['down'],
      fix: 'leave out up and down: the key then holds until finalize',
    });
  }
  const changed = changeColumns(table, values, new Set([name]), context);
  if (isRefusal(changed)) return changed;
  const { expand, validate, sync, table: now } = changed;
  const after = withoutConstraint(withTable(model, now), now, name);
  return lowered({ expand, validate, sync, after });
}

function dropAtFinalize(
  table: TableModel,
  { name, kind }: ConstraintModel,
  { model }: LoweringContext,
): StepDraft {
  return {
    kind: 'statement',
    id: `drop_${name}`,
    // It goes by itself with a column that goes.
    sql: `alter table ${finalTable(model, table)} drop constraint if exists ${quoteName(name)}`,
    undo: {
      kind: 'irreversible',
      why: `no rows: the ${kind.replace('-', ' ')} constraint ${name}, which rows written from then on may not meet`,
    },
  };
}
