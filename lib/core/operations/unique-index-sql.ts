import { quoteName } from '../sql/sql-name.ts';
import type { KeyConstraint } from './constraint.ts';
import { columnList } from './constraint-sql.ts';

/**
 * The index of a key, to be built before the constraint takes it over.
 * @param physical what a column is called now
 */
export function uniqueIndexSql(
  { name, columns, nullsNotDistinct, index }: KeyConstraint,
  table: string,
  physical: (column: string) => string,
  concurrently = false,
): string {
  return [
    `create unique index ${concurrently ? 'concurrently ' : ''}${quoteName(name)} on ${table}`,
    columnList(columns.map(physical)),
    ...(index.include.length === 0 ? [] : [`include ${columnList(index.include.map(physical))}`]),
    ...(nullsNotDistinct ? ['nulls not distinct'] : []),
    ...(index.storage === undefined ? [] : [`with (${index.storage})`]),
    ...(index.tablespace === undefined ? [] : [`tablespace ${quoteName(index.tablespace)}`]),
  ].join(' ');
}
