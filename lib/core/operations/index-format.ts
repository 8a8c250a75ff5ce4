import { z } from 'zod';
import { flag, listOf, part, text, word } from '../migration/format/vocabulary.ts';
import { ColumnNameFormat, TableNameFormat } from './column-format.ts';
import { nameFormat } from './relation-name.ts';

const OpclassFormat = part('a mapping with name', {
  name: text('an operator class such as text_pattern_ops'),
  params: listOf('a list such as [siglen = 32]', z.string()).optional(),
});

/** What can be said about one element besides its column. */
const ELEMENT_KEYS = {
  collate: z.string({ error: 'a collation' }).optional(),
  opclass: OpclassFormat.optional(),
  sort: word(['ASC', 'DESC']).optional(),
  nulls: word(['FIRST', 'LAST']).optional(),
} as const;

const ElementFormat = part('a mapping with column or expression', {
  column: ColumnNameFormat.optional(),
  name: ColumnNameFormat.optional().describe('What `column` was called in pgroll for a while.'),
  expression: text('an SQL expression').optional(),
  ...ELEMENT_KEYS,
})
  .refine(
    ({ column, name, expression }) =>
      [column, name, expression].filter((each) => each !== undefined).length === 1,
    { error: 'either column or expression' },
  )
  .transform(({ name, ...element }) => ({ ...element, column: element.column ?? name }));

const SettingsFormat = part('a mapping with sort and so on', ELEMENT_KEYS);

/** pgroll writes a list of mappings, and wrote lists of names and mappings from name to settings. */
const ElementsFormat = z
  .union(
    [
      listOf(
        'a list of columns',
        z.union([ColumnNameFormat.transform((column) => ({ column })), ElementFormat]),
        1,
      ),
      z
        .record(ColumnNameFormat, SettingsFormat)
        .transform((columns) =>
          Object.entries(columns).map(([column, settings]) => ({ column, ...settings })),
        ),
    ],
    { error: 'a list of columns, each a name or a mapping such as {column: name, sort: DESC}' },
  )
  .transform((elements): readonly IndexElement[] => elements);

export interface IndexElement {
  readonly column?: string | undefined;
  readonly expression?: string | undefined;
  readonly collate?: string | undefined;
  readonly opclass?: z.output<typeof OpclassFormat> | undefined;
  readonly sort?: 'ASC' | 'DESC' | undefined;
  readonly nulls?: 'FIRST' | 'LAST' | undefined;
}

/** The keys of `create_index`; `replace_index` has the same. */
export const INDEX_KEYS = {
  name: nameFormat('the name of an index'),
  table: TableNameFormat,
  columns: ElementsFormat,
  unique: flag().default(false).describe('@default false'),
  nulls_not_distinct: flag().default(false).describe('Whether two NULLs are equal. @default false'),
  method: word(['btree', 'hash', 'gist', 'spgist', 'gin', 'brin'])
    .default('btree')
    .describe('@default btree'),
  include: listOf('a list of column names', ColumnNameFormat)
    .default([])
    .describe('Columns that the index only carries. @default []'),
  predicate: z
    .string({ error: 'an SQL condition' })
    .optional()
    .describe('Only rows that meet this condition are in the index. @default - every row'),
  storage_parameters: z.string({ error: 'such as fillfactor = 70' }).optional(),
} as const;

export const IndexFormat = part('an index with name, table and columns', INDEX_KEYS);
export type IndexDeclaration = z.output<typeof IndexFormat>;
