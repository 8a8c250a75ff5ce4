import type { CommentStmt } from 'libpg-query';
import { stringsOf } from '../../sql/sql-name.ts';
import { type Conversion, converted, noOperation, relationText } from './conversion.ts';

/** COMMENT ON COLUMN. */
export function convertComment(node: CommentStmt): Conversion {
  const { objtype, object, comment } = node;
  const parts = object !== undefined && 'List' in object ? stringsOf(object.List.items) : [];
  const [column, table, schema] = parts.toReversed();
  if (objtype !== 'OBJECT_COLUMN' || column === undefined || table === undefined) {
    return noOperation('only comments on columns have an operation');
  }
  return converted('alter_column', {
    table: relationText({ schema, name: table }),
    column,
    comment: comment ?? null,
  });
}
