import type { AlterObjectSchemaStmt, AlterOwnerStmt, Node, RenameStmt } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { ObjectKind } from '../classification.ts';
import { change, type Effect, lock, type StatementEffect } from '../effect.ts';
import { pgTypeOf, writePgType } from '../pg-type.ts';
import { nameOfParts, nameOfRange, type SqlName, stringsOf } from '../sql-name.ts';
import { withChildren } from './children.ts';
import type { Rules } from './rule.ts';

/** Statements that change what something is called, where it is found or whose it is. */
export const RENAME_RULES: Rules = {
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  AlterOwnerStmt: changeOwner,
};

const RELATIONS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized-view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
};

const PARTS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_COLUMN: 'column',
  OBJECT_ATTRIBUTE: 'column',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_RULE: 'rule',
  OBJECT_POLICY: 'policy',
};

const OTHERS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_SCHEMA: 'schema',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'domain',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'function',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_ROLE: 'role',
  OBJECT_DATABASE: 'database',
  OBJECT_STATISTIC_EXT: 'statistics',
};

/** What the application never names. */
const INTERNAL: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  'index',
  'constraint',
  'trigger',
  'rule',
  'policy',
  'publication',
  'statistics',
  'other',
]);

function rename(node: RenameStmt, context: ClassifyContext): StatementEffect {
  const type = node.renameType ?? 'OBJECT_TABLE';
  const newName = node.newname;
  const part = PARTS[type];
  if (part !== undefined && node.relation !== undefined) {
    const table = nameOfRange(node.relation);
    const renamed = change('rename', part, {
      schema: table.schema,
      name: node.subname,
      table,
      newName,
    });
    const alone: Effect = {
      locks: [lock(table, 'AccessExclusiveLock', `a ${part} of it is renamed`)],
    };
    // Children have the same columns and constraints, under the same names.
    const locks = withChildren(alone, table, context).locks ?? [];
    return { ...renaming(part, node.subname, newName), objects: [renamed], locks };
  }
  const kind = RELATIONS[type];
  if (kind !== undefined) {
    const relation = nameOfRange(node.relation);
    const renamed = change('rename', kind, { ...relation, newName });
    // An index may be renamed under its users, since version 12.
    const mode = kind === 'index' ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
    return {
      ...renaming(kind, relation.name, newName),
      objects: [renamed],
      locks: [lock(relation, mode, 'it is renamed')],
    };
  }
  const other = OTHERS[type] ?? 'other';
  const object = node.subname === undefined ? objectOf(node.object) : undefined;
  const name = object?.name ?? { schema: undefined, name: node.subname ?? '' };
  const renamed = change('rename', other, { ...name, signature: object?.signature, newName });
  return { ...renaming(other, name.name, newName), objects: [renamed], opaque: other === 'other' };
}

function renaming(kind: ObjectKind, name = '', newName = ''): StatementEffect {
  const statementKind = `rename-${kind}`;
  return INTERNAL.has(kind)
    ? { statementKind }
    : { statementKind, breaks: `queries that name ${kind} ${name} fail: it is called ${newName}` };
}

function setSchema(node: AlterObjectSchemaStmt): StatementEffect {
  const kind = RELATIONS[node.objectType ?? ''];
  const object = objectOf(node.object);
  const name = node.relation === undefined ? object.name : nameOfRange(node.relation);
  const altered = kind ?? OTHERS[node.objectType ?? ''] ?? 'other';
  return {
    statementKind: 'set-schema',
    objects: [change('alter', altered, { ...name, signature: object.signature })],
    locks:
      kind === undefined ? [] : [lock(name, 'AccessExclusiveLock', 'it moves to another schema')],
    breaks: `queries that look for ${altered} ${name.name} in its former schema fail`,
    opaque: altered === 'other',
  };
}

function changeOwner(node: AlterOwnerStmt): StatementEffect {
  const kind = OTHERS[node.objectType ?? ''] ?? 'other';
  const { name, signature } = objectOf(node.object);
  return {
    statementKind: 'owner-to',
    objects: [change('alter', kind, { ...name, signature })],
    breaks: 'privileges of the former owner are gone',
  };
}

interface NamedObject {
  readonly name: SqlName;
  readonly signature: string | undefined;
}

function objectOf(node: Node | undefined): NamedObject {
  if (node === undefined) return { name: nameOfParts([]), signature: undefined };
  if ('String' in node) return { name: nameOfParts(stringsOf([node])), signature: undefined };
  if ('List' in node)
    return { name: nameOfParts(stringsOf(node.List.items)), signature: undefined };
  if (!('ObjectWithArgs' in node)) return { name: nameOfParts([]), signature: undefined };
  const { objname, objargs = [], args_unspecified } = node.ObjectWithArgs;
  const types = objargs.flatMap((each) => ('TypeName' in each ? [each.TypeName] : []));
  const signature = types.map((type) => writePgType(pgTypeOf(type))).join(', ');
  return {
    name: nameOfParts(stringsOf(objname)),
    signature: args_unspecified === true ? undefined : signature,
  };
}
