import { quoteName } from '../../sql/sql-name.ts';
import type { ColumnCheck, ColumnReferences } from '../column-format.ts';
import { keyOf } from '../constraint.ts';
import { constrainedColumns } from '../constraint-columns.ts';
import { constraintBody } from '../constraint-sql.ts';
import { isRefusal, within } from '../find-table.ts';
import type { StepDraft } from '../lowered.ts';
import { type LoweringContext, type Refusal, refuse } from '../operation-kind.ts';
import { readRelationName } from '../relation-name.ts';
import {
  type ColumnModel,
  type ConstraintModel,
  findTable,
  type TableModel,
} from '../schema-model.ts';
import { type AddableConstraint, constraintSteps } from './constraint-steps.ts';

export interface NewConstraints {
  readonly kind: 'constraints';
  readonly constraints: readonly AddableConstraint[];
  readonly models: readonly ConstraintModel[];
  /** @param physical what the column is called until contract */
  steps(physical: string): readonly StepDraft[];
}

/** The keys of `alter_column` that add a constraint. */
export interface DeclaredConstraints {
  readonly check?: ColumnCheck | undefined;
  readonly unique?: { readonly name: string } | undefined;
  readonly references?: ColumnReferences | undefined;
}

/** Constraints that a column gets. */
export function newConstraints(
  table: TableModel,
  column: ColumnModel,
  declared: DeclaredConstraints,
  context: LoweringContext,
): NewConstraints | Refusal {
  const constraints = constraintsOf(column, declared);
  const models: ConstraintModel[] = [];
  for (const { key, constraint } of constraints) {
    const taken = table.constraints.some(({ name }) => name === constraint.name);
    if (taken) {
      return refuse(
        `table ${quoteName(table.name)} has a constraint ${quoteName(constraint.name)} already`,
        {
          path: [key, 'name'],
        },
      );
    }
    const columns = constrainedColumns(constraint, table, context.parser);
    if (isRefusal(columns)) return within([key], columns);
    if (
      constraint.kind === 'foreign-key' &&
      findTable(context.model, constraint.table) === undefined
    ) {
      return refuse(`there is no table ${quoteName(constraint.table.name)}`, {
        path: [key, 'table'],
      });
    }
    models.push({
      name: constraint.name,
      kind: constraint.kind,
      columns: columns.map(({ name }) => name),
      definition: constraintBody(constraint),
      validated: true,
      references: constraint.kind === 'foreign-key' ? constraint.table : undefined,
    });
  }
  const all = constraints.map(({ constraint }) => constraint);
  return {
    kind: 'constraints',
    constraints: all,
    models,
    steps: (physical) =>
      all.flatMap((constraint) =>
        constraintSteps(context, table, constraint, (name) =>
          name === column.name
            ? physical
            : (table.columns.find((each) => each.name === name)?.physicalName ?? name),
        ),
      ),
  };
}

interface Keyed {
  readonly key: keyof DeclaredConstraints;
  readonly constraint: AddableConstraint;
}

function constraintsOf(
  column: ColumnModel,
  { check, unique, references }: DeclaredConstraints,
): readonly Keyed[] {
  return [
    ...(check === undefined
      ? []
      : [
          {
            key: 'check',
            constraint: {
              kind: 'check',
              name: check.name,
              expression: check.constraint,
              noInherit: check.no_inherit,
            },
          } as const,
        ]),
    ...(unique === undefined
      ? []
      : [
          {
            key: 'unique',
            constraint: { ...keyOf('unique', unique.name, [column.name]), kind: 'unique' },
          } as const,
        ]),
    ...(references === undefined
      ? []
      : [
          {
            key: 'references',
            constraint: {
              kind: 'foreign-key',
              name: references.name,
              columns: [column.name],
              table: readRelationName(references.table),
              references: [references.column],
              onDelete: references.on_delete,
              onDeleteColumns: [],
              onUpdate: references.on_update,
              match: references.match_type,
              deferral: references.initially_deferred
                ? 'initially deferred'
                : references.deferrable
                  ? 'initially immediate'
                  : 'no',
            },
          } as const,
        ]),
  ];
}
