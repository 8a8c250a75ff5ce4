import type { RenameStmt } from 'libpg-query';
import { nameOfParts, nameOfRange, quoteName, stringsOf, writeName } from '../sql-name.ts';

const RELATIONS: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
  OBJECT_FOREIGN_TABLE: 'foreign table',
};

/** The same rename the other way round. */
export function undoRename(node: RenameStmt): string | undefined {
  const { renameType = 'OBJECT_TABLE', subname = '', newname = '' } = node;
  const relation = nameOfRange(node.relation);
  const [from, to] = [quoteName(newname), quoteName(subname)];
  const table = writeName(relation);
  switch (renameType) {
    case 'OBJECT_COLUMN':
      // Columns of views and types are renamed by the same statement with another first word.
      return node.relationType === 'OBJECT_TABLE'
        ? `alter table ${table} rename column ${from} to ${to}`
        : undefined;
    case 'OBJECT_TABCONSTRAINT':
      return `alter table ${table} rename constraint ${from} to ${to}`;
    case 'OBJECT_TRIGGER':
      return `alter trigger ${from} on ${table} rename to ${to}`;
    case 'OBJECT_POLICY':
      return `alter policy ${from} on ${table} rename to ${to}`;
    case 'OBJECT_SCHEMA':
      return `alter schema ${from} rename to ${to}`;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const parts =
        node.object !== undefined && 'List' in node.object ? node.object.List.items : [];
      const type = nameOfParts(stringsOf(parts));
      const kind = renameType === 'OBJECT_TYPE' ? 'type' : 'domain';
      const renamed = writeName({ ...type, name: newname });
      return `alter ${kind} ${renamed} rename to ${quoteName(type.name)}`;
    }
  }
  const kind = RELATIONS[renameType];
  if (kind === undefined) return undefined;
  const renamed = writeName({ ...relation, name: newname });
  return `alter ${kind} ${renamed} rename to ${quoteName(relation.name)}`;
}
