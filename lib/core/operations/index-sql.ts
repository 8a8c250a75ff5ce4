import { quoteName } from '../sql/sql-name.ts';
import { checkedColumns } from './constraint-columns.ts';
import { columnList } from './constraint-sql.ts';
import { isRefusal, requireColumns, within } from './find-table.ts';
import { isClosed, isExpression, isOneStatement } from './fragments.ts';
import type { IndexDeclaration, IndexElement } from './index-format.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import type { ColumnModel, TableModel } from './schema-model.ts';

export interface IndexSqlOptions {
  readonly name: string;
  /** As it is written in SQL; `only` and so on may stand before it. */
  readonly on: string;
  readonly concurrently: boolean;
  /** What a column is called when the index is built. @default - as declared */
  readonly column?: (name: string) => string;
}

/** `create unique index concurrently i on t using gin (c) where (d)` */
export function createIndexSql(
  index: IndexDeclaration,
  { name, on, concurrently, column = (each) => each }: IndexSqlOptions,
): string {
  const { unique, method, columns, include, nulls_not_distinct: notDistinct } = index;
  const { predicate, storage_parameters: storage } = index;
  return [
    unique ? 'create unique index' : 'create index',
    ...(concurrently ? ['concurrently'] : []),
    quoteName(name),
    `on ${on}`,
    ...(method === 'btree' ? [] : [`using ${method}`]),
    `(${columns.map((element) => elementSql(element, column)).join(', ')})`,
    ...(include.length === 0 ? [] : [`include ${columnList(include.map(column))}`]),
    ...(notDistinct ? ['nulls not distinct'] : []),
    ...(isEmpty(storage) ? [] : [`with (${storage})`]),
    ...(isEmpty(predicate) ? [] : [`where (${predicate})`]),
  ].join(' ');
}

function elementSql(
  { column, expression, collate, opclass, sort, nulls }: IndexElement,
  nameOf: (name: string) => string,
): string {
  const params = opclass?.params ?? [];
  return [
    column === undefined ? `(${expression})` : quoteName(nameOf(column)),
    ...(isEmpty(collate) ? [] : [`collate ${qualified(collate ?? '')}`]),
    ...(opclass === undefined
      ? []
      : [qualified(opclass.name) + (params.length === 0 ? '' : ` (${params.join(', ')})`)]),
    ...(sort === undefined ? [] : [sort.toLowerCase()]),
    ...(nulls === undefined ? [] : [`nulls ${nulls.toLowerCase()}`]),
  ].join(' ');
}

/** `pg_catalog.C`: a collation is written as the catalog stores it, with or without quotes. */
function qualified(written: string): string {
  return /[."]/.test(written) ? written : quoteName(written);
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

/** The columns that an index depends on: keys, included ones, expressions and predicate. */
export interface IndexedColumns {
  readonly columns: readonly ColumnModel[];
  /** Those that are named inside SQL of the author. */
  readonly inSql: readonly ColumnModel[];
}

export function indexedColumns(
  index: IndexDeclaration,
  table: TableModel,
  { parser }: LoweringContext,
): IndexedColumns | Refusal {
  const named = index.columns.flatMap(({ column }) => column ?? []);
  const keys = requireColumns(table, named);
  if (isRefusal(keys)) return keys;
  const included = requireColumns(table, index.include, ['include']);
  if (isRefusal(included)) return included;
  const inSql: ColumnModel[] = [];
  const fragments = [
    ...index.columns.map(({ expression }, place) => ({ expression, path: ['columns', place] })),
    { expression: isEmpty(index.predicate) ? undefined : index.predicate, path: ['predicate'] },
  ];
  for (const { expression, path } of fragments) {
    if (expression === undefined) continue;
    const found = isExpression(parser, expression)
      ? checkedColumns(expression, table, parser)
      : refuse(`not an SQL expression: ${expression}`);
    if (isRefusal(found)) return within(path, { ...found, path: [] });
    inSql.push(...found);
  }
  return (
    whyNotSql(index, parser) ?? { columns: [...new Set([...keys, ...included, ...inSql])], inSql }
  );
}

function whyNotSql(
  index: IndexDeclaration,
  parser: LoweringContext['parser'],
): Refusal | undefined {
  const sql = createIndexSql(index, { name: index.name, on: 't', concurrently: true });
  const closed = isClosed(parser, index.storage_parameters ?? '');
  return closed && isOneStatement(parser, sql, 'IndexStmt')
    ? undefined
    : refuse(`the index ${index.name} cannot be written as one statement: ${sql}`, {
        fix: 'look at collate, opclass and storage_parameters (such as fillfactor = 70)',
      });
}
