import type { AlterEnumStmt } from 'libpg-query';
import { nameOfParts, stringsOf } from '../../sql/sql-name.ts';
import { type Conversion, converted, noOperation, refused, relationText } from './conversion.ts';

/** ALTER TYPE ... ADD VALUE. */
export function convertEnumValue(node: AlterEnumStmt): Conversion {
  if (node.oldVal !== undefined) return noOperation('a label is not renamed by an operation');
  if (node.skipIfNewValExists === true) {
    return refused(
      'with IF NOT EXISTS it depends on the target whether anything is done',
      'take IF NOT EXISTS out',
    );
  }
  const neighbour = node.newValNeighbor;
  return converted(
    'add_enum_value',
    {
      type: relationText(nameOfParts(stringsOf(node.typeName))),
      value: node.newVal,
      before: node.newValIsAfter === true ? undefined : neighbour,
      after: node.newValIsAfter === true ? neighbour : undefined,
    },
    'PostgreSQL cannot take a label away again: rolled back, it stays and nobody uses it',
  );
}
