import type {
  CreateFunctionStmt,
  CreateStmt,
  CreateTableAsStmt,
  Node,
  ViewStmt,
} from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { Lock } from '../classification.ts';
import { change, combine, type Effect, lock, type StatementEffect } from '../effect.ts';
import type { SqlParser } from '../parser.ts';
import { pgTypeOf, writePgType } from '../pg-type.ts';
import { nameOfParts, nameOfRange, type SqlName, stringsOf } from '../sql-name.ts';
import { nodesNamed } from '../walk.ts';
import { defaultPartitionRead, foreignKeysOf } from './partition.ts';
import { queryEffect } from './query.ts';
import type { Rules } from './rule.ts';

/** Statements that make something new; most of them touch nothing that exists. */
export const CREATION_RULES: Rules = {
  CreateStmt: createTable,
  CreateTableAsStmt: createTableAs,
  ViewStmt: createView,
  CreateFunctionStmt: createFunction,
  CreateForeignTableStmt: ({ base }) => ({
    statementKind: 'create-foreign-table',
    objects: [change('create', 'table', nameOfRange(base?.relation))],
  }),
  CreateSeqStmt: ({ sequence }) => ({
    statementKind: 'create-sequence',
    objects: [change('create', 'sequence', nameOfRange(sequence))],
  }),
  AlterSeqStmt: ({ sequence }) => {
    const name = nameOfRange(sequence);
    return {
      statementKind: 'alter-sequence',
      objects: [change('alter', 'sequence', name)],
      locks: [lock(name, 'ShareRowExclusiveLock', 'the sequence is altered')],
    };
  },
  CreateSchemaStmt: ({ schemaname, schemaElts = [] }) => ({
    statementKind: 'create-schema',
    objects: [change('create', 'schema', { name: schemaname })],
    // Objects made by the same statement would have to be classified one by one.
    opaque: schemaElts.length > 0,
  }),
  CreateExtensionStmt: ({ extname }) => ({
    statementKind: 'create-extension',
    objects: [change('create', 'extension', { name: extname })],
  }),
  CreatedbStmt: ({ dbname }) => ({
    statementKind: 'create-database',
    objects: [change('create', 'database', { name: dbname })],
    outsideTransaction: true,
    mayRunLong: true,
  }),
  CreateTableSpaceStmt: ({ tablespacename }) => ({
    statementKind: 'create-tablespace',
    objects: [change('create', 'tablespace', { name: tablespacename })],
    outsideTransaction: true,
  }),
  CreateRoleStmt: ({ role }) => ({
    statementKind: 'create-role',
    objects: [change('create', 'role', { name: role })],
  }),
};

function createTable(node: CreateStmt, context: ClassifyContext): StatementEffect {
  const parents = (node.inhRelations ?? []).flatMap((parent) =>
    'RangeVar' in parent ? [nameOfRange(parent.RangeVar)] : [],
  );
  const isPartition = node.partbound !== undefined;
  return {
    ...combine([
      { objects: [change('create', 'table', nameOfRange(node.relation))] },
      ...parents.map((parent) => (isPartition ? newPartition(parent, context) : newChild(parent))),
      ...referencedTables(node),
    ]),
    statementKind: isPartition ? 'create-table-partition-of' : 'create-table',
  };
}

function newPartition(parent: SqlName, context: ClassifyContext): Effect {
  return combine([
    { locks: [lock(parent, 'AccessExclusiveLock', 'it gets a partition')] },
    defaultPartitionRead(parent, context),
    foreignKeysOf(parent, context),
  ]);
}

function newChild(parent: SqlName): Effect {
  return { locks: [lock(parent, 'ShareUpdateExclusiveLock', 'it gets a child table')] };
}

function referencedTables(node: CreateStmt): readonly Effect[] {
  const why = 'the new foreign key adds triggers to it';
  return nodesNamed(node, 'Constraint')
    .filter(({ contype }) => contype === 'CONSTR_FOREIGN')
    .map(({ pktable }) => nameOfRange(pktable))
    .filter(({ name }) => name !== node.relation?.relname)
    .map((referenced) => ({ locks: [lock(referenced, 'ShareRowExclusiveLock', why)] }));
}

function createTableAs(node: CreateTableAsStmt, context: ClassifyContext): StatementEffect {
  const isView = node.objtype === 'OBJECT_MATVIEW';
  const kind = isView ? 'materialized-view' : 'table';
  return {
    ...combine([
      { objects: [change('create', kind, nameOfRange(node.into?.rel))] },
      node.into?.skipData === true ? {} : queryEffect(node.query, context),
    ]),
    statementKind: isView ? 'create-materialized-view' : 'create-table-as',
  };
}

/** OR REPLACE locks a view that exists, and every query of it waits. */
function createView(node: ViewStmt, context: ClassifyContext): StatementEffect {
  const view = nameOfRange(node.view);
  const replaces =
    node.replace === true &&
    (context.catalog === undefined || context.catalog.relation(view) !== undefined);
  return {
    statementKind: node.replace === true ? 'create-or-replace-view' : 'create-view',
    objects: [change('create', 'view', view)],
    locks: replaces ? [lock(view, 'AccessExclusiveLock', 'its query is replaced')] : [],
  };
}

function createFunction(node: CreateFunctionStmt, context: ClassifyContext): StatementEffect {
  const kind = node.is_procedure === true ? 'procedure' : 'function';
  return {
    statementKind: node.replace === true ? `create-or-replace-${kind}` : `create-${kind}`,
    objects: [
      change('create', kind, {
        ...nameOfParts(stringsOf(node.funcname)),
        signature: signatureOf(node),
      }),
    ],
    locks: writtenBy(node, context.parser),
  };
}

/**
 * A body in SQL is analyzed when the function is made (check_function_bodies), under the locks that
 * its statements take; one in PL/pgSQL is only checked for its syntax.
 */
function writtenBy(node: CreateFunctionStmt, parser: SqlParser): readonly Lock[] {
  const bodies = [node.sql_body, ...textBodyOf(node, parser)];
  return [
    ...nodesNamed(bodies, 'InsertStmt'),
    ...nodesNamed(bodies, 'UpdateStmt'),
    ...nodesNamed(bodies, 'DeleteStmt'),
    ...nodesNamed(bodies, 'MergeStmt'),
  ].map(({ relation }) =>
    lock(nameOfRange(relation), 'RowExclusiveLock', "the function's body writes to it"),
  );
}

/** The statements of `LANGUAGE sql AS '...'`. */
function textBodyOf({ options = [] }: CreateFunctionStmt, parser: SqlParser): readonly Node[] {
  const named = (name: string) =>
    options.flatMap((node) =>
      'DefElem' in node && node.DefElem.defname === name ? [node.DefElem.arg] : [],
    );
  const isSql = named('language').some(
    (arg) => arg !== undefined && 'String' in arg && arg.String.sval?.toLowerCase() === 'sql',
  );
  if (!isSql) return [];
  return nodesNamed(named('as'), 'String').flatMap(({ sval = '' }) => {
    const parsed = parser.parse(sval);
    return parsed.kind === 'parsed' ? parsed.statements.map((statement) => statement.node) : [];
  });
}

/** The arguments by which DROP FUNCTION finds it: what it returns is not among them. */
export function signatureOf({ parameters = [], is_procedure }: CreateFunctionStmt): string {
  return parameters
    .flatMap((node) => ('FunctionParameter' in node ? [node.FunctionParameter] : []))
    .filter(({ mode }) => mode !== 'FUNC_PARAM_TABLE')
    .filter(({ mode }) => is_procedure === true || mode !== 'FUNC_PARAM_OUT')
    .map(({ argType, mode }) => {
      const out = mode === 'FUNC_PARAM_OUT' ? 'out ' : '';
      return `${out}${writePgType(pgTypeOf(argType))}`;
    })
    .join(', ');
}
