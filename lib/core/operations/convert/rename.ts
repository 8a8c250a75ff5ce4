import type { RenameStmt } from 'libpg-query';
import { nameOfRange } from '../../sql/sql-name.ts';
import { type Conversion, converted, ifExists, noOperation, relationText } from './conversion.ts';

/** RENAME of a table, a column or a constraint. */
export function convertRename(node: RenameStmt): Conversion {
  if (node.missing_ok === true) return ifExists();
  const table = nameOfRange(node.relation);
  const { subname: from, newname: to = '' } = node;
  switch (node.renameType) {
    case 'OBJECT_TABLE':
      return converted(
        'rename_table',
        { from: relationText(table), to },
        'both names work until contract, so that either version of the application runs',
      );
    case 'OBJECT_COLUMN':
      if (node.relationType !== 'OBJECT_TABLE')
        return noOperation('only columns of tables have operations');
      return converted(
        'rename_column',
        { table: relationText(table), from, to },
        'both names work until contract, so that either version of the application runs',
      );
    case 'OBJECT_TABCONSTRAINT':
      return converted('rename_constraint', { table: relationText(table), from, to });
    default:
      return noOperation('this rename has no operation');
  }
}
