import { z } from 'zod';
import { flag, listOf, part, text, word } from '../migration/format/vocabulary.ts';
import {
  ColumnNameFormat,
  MatchTypeFormat,
  ReferenceActionFormat,
  TableNameFormat,
} from './column-format.ts';
import { nameFormat } from './relation-name.ts';

export const ConstraintNameFormat = nameFormat('a constraint name');

const ColumnsFormat = listOf('a list of column names', ColumnNameFormat);

/** `references` of a table's constraint. */
const TableReferencesFormat = part('a foreign key with table and columns', {
  table: TableNameFormat,
  columns: listOf('a list of column names', ColumnNameFormat, 1),
  on_delete: ReferenceActionFormat.default('NO ACTION').describe('@default NO ACTION'),
  on_delete_set_columns: ColumnsFormat.optional().describe(
    'Only these columns are set by on_delete. @default - all of the foreign key',
  ),
  on_update: ReferenceActionFormat.default('NO ACTION').describe('@default NO ACTION'),
  match_type: MatchTypeFormat.default('SIMPLE').describe('@default SIMPLE'),
});

const IndexParametersFormat = part('a mapping with include_columns and so on', {
  tablespace: z.string({ error: 'a tablespace' }).optional(),
  storage_parameters: z.string({ error: 'such as fillfactor = 70' }).optional(),
  include_columns: ColumnsFormat.optional(),
});

const ExcludeFormat = part('a mapping with index_method, elements and predicate', {
  index_method: z.string({ error: 'such as gist' }).optional(),
  elements: text('such as room WITH =, during WITH &&'),
  predicate: z.string({ error: 'an SQL condition' }).optional(),
});

/** What a constraint consists of; which keys it needs depends on its type. */
export const CONSTRAINT_KEYS = {
  name: ConstraintNameFormat,
  type: word(['unique', 'check', 'primary_key', 'foreign_key', 'exclude']),
  columns: ColumnsFormat.optional(),
  check: z.string({ error: 'an SQL condition' }).optional(),
  references: TableReferencesFormat.optional(),
  exclude: ExcludeFormat.optional(),
  deferrable: flag().default(false).describe('@default false'),
  initially_deferred: flag().default(false).describe('@default false'),
  nulls_not_distinct: flag().default(false).describe('Whether two NULLs are equal. @default false'),
  no_inherit: flag().default(false).describe('Whether child tables are left out. @default false'),
  index_parameters: IndexParametersFormat.optional(),
} as const;

/** A constraint as pgroll writes it in `constraints` of `create_table`. */
export const ConstraintFormat = part('a constraint with name and type', CONSTRAINT_KEYS).meta({
  id: 'constraint',
  description: 'A constraint of a table.',
});

export type ConstraintDeclaration = z.output<typeof ConstraintFormat>;
