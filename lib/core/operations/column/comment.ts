import { quoteLiteral } from '../../backfill/sql-text.ts';
import { quoteName } from '../../sql/sql-name.ts';

/** @param table as SQL @param comment undefined takes the comment away */
export function commentSql(table: string, column: string, comment: string | undefined): string {
  const text = comment === undefined ? 'null' : quoteLiteral(comment);
  return `comment on column ${table}.${quoteName(column)} is ${text}`;
}
