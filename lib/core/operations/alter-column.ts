import { z } from 'zod';
import { flag, part, text } from '../migration/format/vocabulary.ts';
import { quoteName } from '../sql/sql-name.ts';
import { type AlterColumn, typeChangeOf } from './column/alter.ts';
import { alterInPlace } from './column/alter-in-place.ts';
import { changeColumn, keepsValues } from './column/change-column.ts';
import { columnNamed } from './column/find.ts';
import { newConstraints } from './column/new-constraints.ts';
import { readDown, readUp } from './column/read-expressions.ts';
import {
  ColumnCheckFormat,
  ColumnNameFormat,
  ColumnReferencesFormat,
  SqlValueFormat,
  TableNameFormat,
} from './column-format.ts';
import { isType } from './fragments.ts';
import { shadowName } from './names.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { nameFormat } from './relation-name.ts';
import { withTable } from './schema-model.ts';

const Format = part('a table, a column and what changes', {
  table: TableNameFormat,
  column: ColumnNameFormat,
  type: text('a type such as text or numeric(10,2)').optional(),
  nullable: flag().optional().describe('Whether it may be NULL from then on.'),
  default: SqlValueFormat.nullable()
    .optional()
    .describe('SQL; null takes the default away. @default - stays, in the new type'),
  comment: z
    .string({ error: 'a text' })
    .nullable()
    .optional()
    .describe('null takes the comment away.'),
  check: ColumnCheckFormat.optional(),
  unique: part('a mapping with name', { name: nameFormat('a constraint name') }).optional(),
  references: ColumnReferencesFormat.optional(),
  up: SqlValueFormat.optional().describe(
    'The new value, SQL over the row as the old application sees it. @default - the value as it is',
  ),
  down: SqlValueFormat.optional().describe(
    'The old value, SQL over the row as the new application sees it. @default - the value as it is',
  ),
}).meta({
  id: 'alter_column',
  description: 'Changes the type, NULL, default, comment or constraints of a column.',
});

/**
 * Where values change, the column gets another one beside it; where they do not, constraints are
 * added NOT VALID and validated in place.
 */
export const alterColumn = operationKind({
  name: 'alter_column',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const found = columnNamed(context, declared.table, declared.column);
    if (found.kind === 'refused') return found;
    const { table, column } = found;
    if (declared.type !== undefined && !isType(context.parser, declared.type)) {
      return refuse(`not a type: ${declared.type}`, { path: ['type'] });
    }
    const upText = declared.up ?? quoteName(column.name);
    const downText = declared.down ?? quoteName(column.name);
    const up = readUp(context, table, upText);
    if (up.kind === 'refused') return up;
    const down = readDown(context, table, downText);
    if (down.kind === 'refused') return down;
    const typeChange = typeChangeOf(context.parser, column, declared.type);
    const constraints = newConstraints(table, column, declared, context);
    if (constraints.kind === 'refused') return constraints;
    const alter: AlterColumn = {
      table,
      column,
      type: typeChange.type,
      notNull: declared.nullable === undefined ? column.notNull : !declared.nullable,
      default: declared.default,
      comment: declared.comment,
      constraints: constraints.constraints,
    };
    const expressions = { up: up.expression, down: down.expression, column, name: column.name };
    const loosened = column.notNull && !alter.notNull;
    if (table.isNew || (keepsValues(expressions) && typeChange.kind !== 'rewrite' && !loosened)) {
      return alterInPlace(alter, up.expression, context);
    }
    const missing =
      declared.down === undefined
        ? whyDownIsNeeded(alter, typeChange.kind === 'rewrite', loosened)
        : undefined;
    if (missing !== undefined) return missing;
    const shadow = shadowName(column.name);
    const change = changeColumn(
      {
        table,
        column,
        name: column.name,
        shadow,
        type: alter.type,
        notNull: alter.notNull,
        ...(alter.default === undefined ? {} : { default: alter.default }),
        ...(alter.comment === undefined ? {} : { comment: alter.comment }),
        up: up.expression,
        down: down.expression,
        constraints: constraints.steps(shadow),
        constraintModels: constraints.models,
      },
      context,
    );
    if (change.kind === 'refused') return change;
    const { expand, validate, sync } = change;
    return lowered({
      expand,
      validate,
      sync: [sync],
      after: withTable(context.model, change.table),
    });
  },
});

/** What the old application would read cannot be made up. */
function whyDownIsNeeded(
  { column, table, type }: AlterColumn,
  rewrites: boolean,
  loosened: boolean,
): Refusal | undefined {
  const named = `column ${quoteName(column.name)} of ${quoteName(table.name)}`;
  if (rewrites) {
    return refuse(
      `the type of ${named} changes from ${column.type} to ${type}: values that the new application writes must become the old type`,
      { fix: `write down, such as ${quoteName(column.name)}::${column.type}` },
    );
  }
  return loosened
    ? refuse(`${named} may be NULL from then on, which the old application does not expect`, {
        fix: `write down: what the old application reads, such as coalesce(${quoteName(column.name)}, '')`,
      })
    : undefined;
}
