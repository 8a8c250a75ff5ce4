import { quoteLiteral } from '../backfill/sql-text.ts';
import { quoteName } from '../sql/sql-name.ts';
import { commentSql } from './column/comment.ts';
import type { ColumnGrantModel, TableModel } from './schema-model.ts';

/**
 * What a view needs to be like the table that it shows: the same roles may use it and the same of its
 * columns, and whoever reads comments finds them.
 * @param view as SQL
 */
export function likenessOf(table: TableModel, view: string): readonly string[] {
  return [
    ...(table.grants ?? []).map(
      ({ grantee, privilege }) => `grant ${privilege.toLowerCase()} on ${view} to ${grantee}`,
    ),
    ...table.columns.flatMap(({ name, grants = [] }) => columnGrants(view, name, grants)),
    ...(table.comment === undefined
      ? []
      : [`comment on view ${view} is ${quoteLiteral(table.comment)}`]),
    ...table.columns.flatMap(({ name, comment }) =>
      comment === undefined ? [] : [commentSql(view, name, comment)],
    ),
  ];
}

/** @param relation as SQL @param column as the catalog stores it */
export function columnGrants(
  relation: string,
  column: string,
  grants: readonly ColumnGrantModel[],
): readonly string[] {
  return grants.map(({ grantee, privilege, grantable }) => {
    const option = grantable ? ' with grant option' : '';
    return `grant ${privilege.toLowerCase()} (${quoteName(column)}) on ${relation} to ${grantee}${option}`;
  });
}
