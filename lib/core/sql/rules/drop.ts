import type { DropStmt, Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { ObjectChange, ObjectKind } from '../classification.ts';
import { change, combine, type Effect, lock, type StatementEffect } from '../effect.ts';
import { pgTypeOf, writePgType } from '../pg-type.ts';
import { nameOfParts, type SqlName, stringsOf, writeName } from '../sql-name.ts';
import { withChildren } from './children.ts';
import { factsOf } from './relation-effect.ts';
import type { Rules } from './rule.ts';
import { truncate } from './truncate.ts';

/** Statements after which something is gone. */
export const DROP_RULES: Rules = {
  DropStmt: drop,
  TruncateStmt: truncate,
  DropdbStmt: ({ dbname = '' }) => ({
    statementKind: 'drop-database',
    objects: [change('drop', 'database', { name: dbname })],
    destructive: [{ kind: 'drop', what: `database ${dbname}`, cascade: true }],
    outsideTransaction: true,
    opaque: true,
  }),
  DropTableSpaceStmt: ({ tablespacename = '' }) => ({
    statementKind: 'drop-tablespace',
    objects: [change('drop', 'tablespace', { name: tablespacename })],
    destructive: [{ kind: 'drop', what: `tablespace ${tablespacename}`, cascade: false }],
    outsideTransaction: true,
  }),
  DropOwnedStmt: () => ({
    statementKind: 'drop-owned',
    destructive: [{ kind: 'drop', what: 'everything the role owns', cascade: false }],
    opaque: true,
  }),
  DropRoleStmt: ({ roles = [] }) => ({
    statementKind: 'drop-role',
    objects: roles.flatMap((node) =>
      'RoleSpec' in node ? [change('drop', 'role', { name: node.RoleSpec.rolename })] : [],
    ),
  }),
};

const KINDS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_INDEX: 'index',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized-view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_SCHEMA: 'schema',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'domain',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'function',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_RULE: 'rule',
  OBJECT_POLICY: 'policy',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_EXTENSION: 'extension',
};

function drop(node: DropStmt, context: ClassifyContext): StatementEffect {
  const kind = KINDS[node.removeType ?? ''] ?? 'other';
  const cascade = node.behavior === 'DROP_CASCADE';
  const concurrently = node.concurrent === true;
  const objects = (node.objects ?? []).map((object) => dropped(kind, object));
  return {
    ...combine(objects.map((object) => dropOf(object, cascade, concurrently, context))),
    statementKind: `drop-${kind}${concurrently ? '-concurrently' : ''}`,
    objects,
    online: concurrently,
    outsideTransaction: concurrently,
    ...(concurrently ? { mayRunLong: true } : {}),
  };
}

function dropped(kind: ObjectKind, node: Node): ObjectChange {
  if ('String' in node) return change('drop', kind, { name: node.String.sval });
  if ('TypeName' in node) return change('drop', kind, pgTypeOf(node.TypeName).name);
  if ('ObjectWithArgs' in node) {
    const { objname, objargs = [], args_unspecified } = node.ObjectWithArgs;
    const types = objargs.flatMap((each) => ('TypeName' in each ? [each.TypeName] : []));
    return change('drop', kind, {
      ...nameOfParts(stringsOf(objname)),
      signature: args_unspecified
        ? undefined
        : types.map((type) => writePgType(pgTypeOf(type))).join(', '),
    });
  }
  const parts = 'List' in node ? stringsOf(node.List.items) : [];
  if (kind === 'trigger' || kind === 'rule' || kind === 'policy') {
    const table = nameOfParts(parts.slice(0, -1));
    return change('drop', kind, { schema: table.schema, name: parts.at(-1), table });
  }
  return change('drop', kind, nameOfParts(parts));
}

function dropOf(
  object: ObjectChange,
  cascade: boolean,
  concurrently: boolean,
  context: ClassifyContext,
): Effect {
  const name: SqlName = { schema: object.schema, name: object.name ?? '' };
  const what = `${object.kind} ${writeName(name)}${object.table === undefined ? '' : ` on ${writeName(object.table)}`}`;
  const destructive = LOSSLESS.has(object.kind) ? [] : [{ kind: 'drop' as const, what, cascade }];
  return combine([
    { destructive, breaks: BREAKS.has(object.kind) ? `${what} is gone` : undefined },
    locksOf(object, name, cascade, concurrently, context),
  ]);
}

/** Can be made again from their definition alone. */
const LOSSLESS: ReadonlySet<ObjectKind> = new Set<ObjectKind>(['statistics', 'index']);

/** What a query names, or what changes the result of a query. */
const BREAKS: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  'table',
  'view',
  'materialized-view',
  'sequence',
  'schema',
  'type',
  'domain',
  'function',
  'procedure',
  'aggregate',
  'trigger',
  'rule',
  'policy',
  'extension',
  'other',
]);

function locksOf(
  object: ObjectChange,
  name: SqlName,
  cascade: boolean,
  concurrently: boolean,
  context: ClassifyContext,
): Effect {
  const facts = factsOf(context, name);
  const gone = lock(name, 'AccessExclusiveLock', 'it is dropped');
  switch (object.kind) {
    case 'index': {
      const mode = concurrently ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
      const dropped = lock(name, mode, 'it is dropped');
      if (facts?.table === undefined) return { locks: [dropped], mayLockMore: facts === undefined };
      const onTable = { locks: [lock(facts.table, mode, 'its index is dropped')] };
      const isPartitioned = factsOf(context, facts.table)?.kind === 'partitioned-table';
      // Partitions have indexes that belong to it.
      return combine([
        isPartitioned ? withChildren(onTable, facts.table, context) : onTable,
        { locks: [dropped] },
      ]);
    }
    case 'table':
      return withChildren(
        {
          locks: [gone, ...otherTables(name, cascade, context)],
          mayLockMore: facts === undefined || cascade,
        },
        name,
        context,
      );
    case 'view':
    case 'materialized-view':
    case 'sequence':
      return { locks: [gone], mayLockMore: cascade };
    case 'trigger':
    case 'rule':
    case 'policy': {
      if (object.table === undefined) return {};
      const locks = [lock(object.table, 'AccessExclusiveLock', `its ${object.kind} is dropped`)];
      // Partitions have clones of the trigger.
      return object.kind === 'trigger' ? withChildren({ locks }, object.table, context) : { locks };
    }
    case 'statistics':
    case 'publication':
      return { mayLockMore: true };
    case 'other':
      return { opaque: true };
    default:
      // CASCADE reaches tables, columns and views that are not named.
      return cascade ? { opaque: true } : {};
  }
}

/** Foreign keys of the table, and with CASCADE those that point to it, have triggers on both sides. */
function otherTables(table: SqlName, cascade: boolean, context: ClassifyContext) {
  const facts = factsOf(context, table);
  const referenced = (facts?.constraints ?? []).flatMap(({ references }) => references ?? []);
  const referencing = cascade ? (facts?.referencedBy ?? []) : [];
  return [
    ...referenced.map((each) =>
      lock(each, 'AccessExclusiveLock', 'it is referenced by the dropped table'),
    ),
    ...referencing.map((each) =>
      lock(each, 'AccessExclusiveLock', 'its foreign key to the dropped table is dropped'),
    ),
  ];
}
