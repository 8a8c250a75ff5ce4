import type { DeleteStmt, InsertStmt, Node, RangeVar, SelectStmt, UpdateStmt } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { combine, type Effect, lock, type StatementEffect, touched } from '../effect.ts';
import { lockModeOfNumber } from '../lock-mode.ts';
import { nameOfRange, type SqlName, writeName } from '../sql-name.ts';
import { nodesNamed } from '../walk.ts';
import { withChildren } from './children.ts';
import { queryEffect } from './query.ts';
import { withIndexes } from './relation-effect.ts';
import type { Rules } from './rule.ts';

/** Statements about rows: row locks, and as long as there are rows. */
export const DATA_RULES: Rules = {
  SelectStmt: select,
  InsertStmt: (node, context) => ({
    ...combine([writes(node.relation, context), insides({ InsertStmt: node }, context)]),
    statementKind: 'insert',
    // A list of values is as long as it is written; a query is as long as its tables.
    mayRunLong: isQuery(node),
  }),
  UpdateStmt: update,
  DeleteStmt: remove,
  MergeStmt: (node, context) => ({
    ...combine([writes(node.relation, context), insides({ MergeStmt: node }, context)]),
    statementKind: 'merge',
    mayRunLong: true,
  }),
  CopyStmt: (node, context) => ({
    ...(node.is_from === true
      ? writes(node.relation, context)
      : queryEffect({ CopyStmt: node }, context)),
    statementKind: 'copy',
    mayRunLong: true,
  }),
  ExplainStmt: ({ query }, context) => ({
    ...queryEffect(query, context),
    statementKind: 'explain',
  }),
  LockStmt: ({ relations = [], mode = 0 }, context) => {
    const wanted = lockModeOfNumber(mode) ?? 'AccessExclusiveLock';
    const targets = relations.flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
    const lockOf = (table: SqlName): Effect => ({
      locks: [lock(table, wanted, 'LOCK TABLE asks for it')],
    });
    return {
      ...combine(
        targets.map((target) => {
          const table = nameOfRange(target);
          return target.inh === true ? withChildren(lockOf(table), table, context) : lockOf(table);
        }),
      ),
      statementKind: 'lock-table',
    };
  },
  // What is inside is text or lives in the catalog: nobody can tell what it does.
  DoStmt: () => ({ statementKind: 'do', opaque: true }),
  CallStmt: () => ({ statementKind: 'call', opaque: true }),
  ExecuteStmt: () => ({ statementKind: 'execute', opaque: true }),
  PrepareStmt: () => ({ statementKind: 'prepare', sessionSetting: true }),
};

function select(node: SelectStmt, context: ClassifyContext): StatementEffect {
  const locking = (node.lockingClause ?? []).length > 0;
  const target = { SelectStmt: node };
  const named = nodesNamed(node.fromClause, 'RangeVar').map(nameOfRange);
  const why = 'the rows it returns are locked';
  return {
    ...combine([
      insides(target, context),
      ...(locking
        ? named.map((each) =>
            withChildren(withIndexes(context, each, 'RowShareLock', why), each, context),
          )
        : []),
    ]),
    statementKind: node.intoClause === undefined ? 'select' : 'select-into',
    ...(node.intoClause === undefined ? {} : { opaque: true }),
  };
}

function update(node: UpdateStmt, context: ClassifyContext): StatementEffect {
  const table = nameOfRange(node.relation);
  const all = node.whereClause === undefined;
  return {
    ...combine([
      writes(node.relation, context),
      insides({ UpdateStmt: node }, context),
      withChildren({ scans: [touched(table, 'its rows are looked for')] }, table, context),
    ]),
    statementKind: 'update',
    destructive: all
      ? [{ kind: 'update-all', what: `former values in ${writeName(table)}`, cascade: false }]
      : [],
    mayRunLong: true,
  };
}

function remove(node: DeleteStmt, context: ClassifyContext): StatementEffect {
  const table = nameOfRange(node.relation);
  const all = node.whereClause === undefined;
  return {
    ...combine([
      writes(node.relation, context),
      insides({ DeleteStmt: node }, context),
      withChildren({ scans: [touched(table, 'its rows are looked for')] }, table, context),
    ]),
    statementKind: 'delete',
    destructive: all
      ? [{ kind: 'delete-all', what: `all rows of ${writeName(table)}`, cascade: false }]
      : [],
    mayRunLong: true,
  };
}

function writes(range: RangeVar | undefined, context: ClassifyContext): Effect {
  const table = nameOfRange(range);
  const effect = withIndexes(context, table, 'RowExclusiveLock', 'its rows are written');
  return withChildren(effect, table, context);
}

/** What a query reads, and what the data-modifying queries in its WITH write. */
function insides(node: Node, context: ClassifyContext): Effect {
  const inner = nodesNamed(node, 'CommonTableExpr').map(({ ctequery }) => ctequery);
  const why = 'a WITH query writes its rows';
  return combine([
    queryEffect(node, context),
    ...inner
      .flatMap(writtenBy)
      .map((table) => withIndexes(context, table, 'RowExclusiveLock', why)),
  ]);
}

function writtenBy(query: Node | undefined): readonly SqlName[] {
  if (query === undefined) return [];
  if ('InsertStmt' in query) return [nameOfRange(query.InsertStmt.relation)];
  if ('UpdateStmt' in query) return [nameOfRange(query.UpdateStmt.relation)];
  if ('DeleteStmt' in query) return [nameOfRange(query.DeleteStmt.relation)];
  return 'MergeStmt' in query ? [nameOfRange(query.MergeStmt.relation)] : [];
}

function isQuery({ selectStmt }: InsertStmt): boolean {
  const select =
    selectStmt !== undefined && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : {};
  return (select.fromClause ?? []).length > 0 || (select.larg ?? select.withClause) !== undefined;
}
