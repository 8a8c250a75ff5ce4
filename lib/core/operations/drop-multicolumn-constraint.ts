import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { ExpressionsFormat } from './column-expressions.ts';
import { TableNameFormat } from './column-format.ts';
import { ConstraintNameFormat } from './constraint-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import { type LoweringContext, type LoweringOutcome, operationKind } from './operation-kind.ts';
import { removeConstraint, requireConstraint } from './remove-constraint.ts';

const Format = part('a constraint with table and name', {
  table: TableNameFormat,
  name: ConstraintNameFormat,
  up: ExpressionsFormat.optional().describe(
    'For each column what the new application reads. @default - the value as it is',
  ),
  down: ExpressionsFormat.optional().describe(
    'For each column what the old application reads; together they meet the constraint. @default - the value as it is',
  ),
}).meta({
  id: 'drop_multicolumn_constraint',
  description: 'Takes a constraint of any number of columns away, as drop_constraint does.',
});

/** A constraint of any number of columns; see removeConstraint() for when and how it goes. */
export const dropMulticolumnConstraint = operationKind({
  name: 'drop_multicolumn_constraint',
  format: Format,
  lower: (
    { table: written, name, up, down }: z.output<typeof Format>,
    context: LoweringContext,
  ): LoweringOutcome => {
    const table = requireTable(context, written);
    if (isRefusal(table)) return table;
    const constraint = requireConstraint(table, name, context);
    return isRefusal(constraint)
      ? constraint
      : removeConstraint(table, constraint, { up, down }, context);
  },
});
