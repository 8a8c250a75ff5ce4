import type { z } from 'zod';
import { part } from '../migration/format/vocabulary.ts';
import { SqlValueFormat, TableNameFormat } from './column-format.ts';
import { ConstraintNameFormat } from './constraint-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  operationKind,
  refuse,
} from './operation-kind.ts';
import { removeConstraint, requireConstraint } from './remove-constraint.ts';

const Format = part('a constraint with table and name', {
  table: TableNameFormat,
  name: ConstraintNameFormat,
  up: SqlValueFormat.optional().describe(
    'What the new application reads, SQL over the row as the old one sees it. @default - the value as it is',
  ),
  down: SqlValueFormat.optional().describe(
    'What the old application reads, which meets the constraint. @default - the value as it is',
  ),
}).meta({
  id: 'drop_constraint',
  description:
    'Takes a constraint of one column away. With down, the new application may break it at once; without, it holds for both until finalize, so that there is a way back.',
});

/** The constraint of one column; see removeConstraint() for when and how it goes. */
export const dropConstraint = operationKind({
  name: 'drop_constraint',
  format: Format,
  lower: (
    { table: written, name, up, down }: z.output<typeof Format>,
    context: LoweringContext,
  ): LoweringOutcome => {
    const table = requireTable(context, written);
    if (isRefusal(table)) return table;
    const constraint = requireConstraint(table, name, context);
    if (isRefusal(constraint)) return constraint;
    const [column, another] = constraint.columns;
    const given = up !== undefined || down !== undefined;
    if (given && (column === undefined || another !== undefined)) {
      return refuse(`${name} is about several columns: ${constraint.columns.join(', ')}`, {
        path: [up === undefined ? 'down' : 'up'],
        fix: 'drop_multicolumn_constraint, with an expression for each column in up and down',
      });
    }
    const of = (expression: string | undefined) =>
      expression === undefined || column === undefined ? undefined : { [column]: expression };
    return removeConstraint(table, constraint, { up: of(up), down: of(down) }, context);
  },
});
