import type { DropStmt } from 'libpg-query';
import { nameOfParts, type SqlName, stringsOf } from '../../sql/sql-name.ts';
import {
  type Conversion,
  ifExists,
  noOperation,
  operationOf,
  refused,
  relationText,
} from './conversion.ts';

/** DROP TABLE and DROP INDEX. */
export function convertDrop(node: DropStmt): Conversion {
  if (node.removeType !== 'OBJECT_TABLE' && node.removeType !== 'OBJECT_INDEX') {
    return noOperation('only tables and indexes are dropped by an operation');
  }
  if (node.missing_ok === true) return ifExists();
  if (node.behavior === 'DROP_CASCADE') {
    return refused(
      'CASCADE drops whatever depends on it, which cannot be brought back',
      'drop what depends on it first, each by its own operation',
    );
  }
  const isTable = node.removeType === 'OBJECT_TABLE';
  const comment = isTable
    ? 'cut off at contract, dropped at finalize: until then it comes back in a second'
    : 'made again concurrently when it is taken back, which takes as long as building it';
  return {
    kind: 'converted',
    operations: namesOf(node).map((name) =>
      operationOf(isTable ? 'drop_table' : 'drop_index', { name: relationText(name) }, comment),
    ),
  };
}

function namesOf({ objects = [] }: DropStmt): readonly SqlName[] {
  return objects.flatMap((object) =>
    'List' in object ? [nameOfParts(stringsOf(object.List.items))] : [],
  );
}
