import { z } from 'zod';
import { flag, part, text, word } from '../migration/format/vocabulary.ts';
import { nameFormat, relationNameFormat } from './relation-name.ts';

export const ColumnNameFormat = nameFormat('a column name');
export const TableNameFormat = relationNameFormat(
  'a table name such as invoices, billing.invoices or "odd.name"',
);

/** SQL that YAML may have read as a number or a yes: `default: 0`. */
export const SqlValueFormat = z
  .union([z.string().regex(/\S/), z.number(), z.boolean()], { error: 'an SQL expression' })
  .transform(String);

export const ReferenceActionFormat = word([
  'NO ACTION',
  'RESTRICT',
  'CASCADE',
  'SET NULL',
  'SET DEFAULT',
]);
export const MatchTypeFormat = word(['SIMPLE', 'FULL', 'PARTIAL']);

/** `check` of a column. */
export const ColumnCheckFormat = part('a check with name and constraint', {
  name: nameFormat('a constraint name'),
  constraint: text('an SQL condition').describe('The condition that every row has to meet.'),
  no_inherit: flag().default(false).describe('Whether child tables are left out. @default false'),
});

/** `references` of a column. */
export const ColumnReferencesFormat = part('a foreign key with name, table and column', {
  name: nameFormat('a constraint name'),
  table: TableNameFormat,
  column: ColumnNameFormat,
  on_delete: ReferenceActionFormat.default('NO ACTION').describe('@default NO ACTION'),
  on_update: ReferenceActionFormat.default('NO ACTION').describe('@default NO ACTION'),
  match_type: MatchTypeFormat.default('SIMPLE').describe('@default SIMPLE'),
  deferrable: flag().default(false).describe('@default false'),
  initially_deferred: flag().default(false).describe('@default false'),
});

const IdentityFormat = part('a mapping such as {user_specified_values: BY DEFAULT}', {
  user_specified_values: word(['ALWAYS', 'BY DEFAULT'])
    .default('ALWAYS')
    .describe('Whether an INSERT may give a value of its own. @default ALWAYS'),
  sequence_options: z
    .string({ error: 'options of CREATE SEQUENCE' })
    .optional()
    .describe('As in CREATE SEQUENCE: `START WITH 10`. @default - those of PostgreSQL'),
});

const GeneratedFormat = part('a mapping with expression or identity', {
  expression: text('an SQL expression')
    .describe('Of a stored column that PostgreSQL computes.')
    .optional(),
  identity: IdentityFormat.optional(),
}).refine(({ expression, identity }) => (expression === undefined) !== (identity === undefined), {
  error: 'either expression or identity',
});

/** A column as pgroll writes it in `create_table` and `add_column`. */
export const ColumnFormat = part('a column with a name and a type', {
  name: ColumnNameFormat,
  type: text('a type such as text or numeric(10,2)'),
  nullable: flag().default(false).describe('Whether it may be NULL. @default false'),
  pk: flag().default(false).describe('Whether it is part of the primary key. @default false'),
  unique: flag().default(false).describe('@default false'),
  default: SqlValueFormat.optional().meta({
    description: 'SQL; a text needs its quotes.',
    examples: ['0', "'unnamed'", 'now()'],
  }),
  check: ColumnCheckFormat.optional(),
  references: ColumnReferencesFormat.optional(),
  comment: z.string({ error: 'a text' }).optional(),
  generated: GeneratedFormat.optional(),
})
  .refine((column) => column.generated === undefined || column.default === undefined, {
    path: ['default'],
    error: 'no default: a generated column gets its value from `generated`',
  })
  .meta({ id: 'column', description: 'A column of a table.' });

export type ColumnDeclaration = z.output<typeof ColumnFormat>;
export type ColumnCheck = z.output<typeof ColumnCheckFormat>;
export type ColumnReferences = z.output<typeof ColumnReferencesFormat>;
