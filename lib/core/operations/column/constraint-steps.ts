import { quoteName, writeName } from '../../sql/sql-name.ts';
import type { CheckConstraint, ForeignKey, KeyConstraint } from '../constraint.ts';
import { constraintBody, deferralWords } from '../constraint-sql.ts';
import type { StepDraft } from '../lowered.ts';
import type { LoweringContext } from '../operation-kind.ts';
import { readExpression, substituted } from '../row-expression.ts';
import { findTable, physicalTable, type TableModel } from '../schema-model.ts';
import { uniqueIndexSql } from '../unique-index-sql.ts';

/** A constraint that can be added to a table in use. */
export type AddableConstraint =
  | CheckConstraint
  | ForeignKey
  | (KeyConstraint & { readonly kind: 'unique' });

/**
 * The steps that add a constraint to a table in use, for the phase `validate`.
 * @param physical what a column is called until contract
 */
export function constraintSteps(
  context: Pick<LoweringContext, 'parser' | 'model'>,
  table: TableModel,
  constraint: AddableConstraint,
  physical: (column: string) => string,
): readonly StepDraft[] {
  const tableSql = physicalTable(context.model, table);
  const { name } = constraint;
  switch (constraint.kind) {
    case 'check':
      return validatedConstraint(tableSql, name, checkBody(context, constraint, physical));
    case 'foreign-key':
      return validatedConstraint(
        tableSql,
        name,
        constraintBody(constraint, {
          column: physical,
          referenced: (target) => {
            const found = findTable(context.model, target);
            return found === undefined ? writeName(target) : physicalTable(context.model, found);
          },
        }),
      );
    case 'unique': {
      const deferral = deferralWords(constraint.deferral);
      return uniqueConstraint(
        tableSql,
        name,
        uniqueIndexSql(constraint, tableSql, physical, true),
        dropIndexIfThere(table, name),
        deferral === undefined ? '' : ` ${deferral}`,
      );
    }
  }
}

/** The condition over the columns as they are called until contract. */
function checkBody(
  { parser }: Pick<LoweringContext, 'parser'>,
  constraint: CheckConstraint,
  physical: (column: string) => string,
): string {
  const read = readExpression(parser, constraint.expression);
  const expression =
    read.kind === 'expression'
      ? substituted(read.expression, (column) => quoteName(physical(column)))
      : constraint.expression;
  return constraintBody({ ...constraint, expression });
}

/** A constraint that took the index over takes it along when it goes. */
export function dropIndexIfThere({ schema }: TableModel, name: string): string {
  return `drop index concurrently if exists ${writeName({ schema, name })}`;
}

const MADE_AWAY = 'it is dropped by the undo of the step that made it';

/** A check or a foreign key on a table in use: added for new rows, then validated for the old ones. */
export function validatedConstraint(
  table: string,
  name: string,
  definition: string,
): readonly StepDraft[] {
  const constraint = quoteName(name);
  return [
    {
      kind: 'statement',
      id: `add_${name}`,
      sql: `alter table ${table} add constraint ${constraint} ${definition} not valid`,
      undo: { kind: 'statement', sql: `alter table ${table} drop constraint ${constraint}` },
    },
    {
      kind: 'statement',
      id: `validate_${name}`,
      sql: `alter table ${table} validate constraint ${constraint}`,
      undo: { kind: 'nothing', why: MADE_AWAY },
    },
  ];
}

/**
 * A unique constraint on a table in use: its index is built concurrently, then taken over.
 * @param index `create unique index concurrently <name> on ...`
 * @param suffix what follows USING INDEX, such as ` deferrable initially deferred`
 */
export function uniqueConstraint(
  table: string,
  name: string,
  index: string,
  dropIndex: string,
  suffix = '',
): readonly StepDraft[] {
  const constraint = quoteName(name);
  return [
    {
      kind: 'statement',
      id: `build_${name}`,
      sql: index,
      undo: { kind: 'statement', sql: dropIndex },
    },
    {
      kind: 'statement',
      id: `use_${name}`,
      sql: `alter table ${table} add constraint ${constraint} unique using index ${constraint}${suffix}`,
      undo: { kind: 'statement', sql: `alter table ${table} drop constraint ${constraint}` },
    },
  ];
}
