import type { IndexStmt, ReindexStmt } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { change, type Effect, lock, type StatementEffect, touched } from '../effect.ts';
import { nameOfRange, type SqlName } from '../sql-name.ts';
import { withChildren } from './children.ts';
import { factsOf } from './relation-effect.ts';

/** CREATE INDEX: SHARE on the table and every partition below it, SHARE UPDATE EXCLUSIVE when concurrent. */
export function createIndex(node: IndexStmt, context: ClassifyContext): StatementEffect {
  const table = nameOfRange(node.relation);
  const concurrently = node.concurrent === true;
  const mode = concurrently ? 'ShareUpdateExclusiveLock' : 'ShareLock';
  const facts = factsOf(context, table);
  const isPartitioned = facts?.kind === 'partitioned-table';
  const partitions = isPartitioned && node.relation?.inh === true ? facts.children : [];
  // A partitioned table stores nothing itself.
  const built = isPartitioned ? partitions : [table];
  return {
    statementKind: concurrently ? 'create-index-concurrently' : 'create-index',
    objects: [change('create', 'index', { schema: table.schema, name: node.idxname, table })],
    locks: [table, ...partitions].map((relation) =>
      lock(relation, mode, 'an index is built on it'),
    ),
    scans: built.map((relation) => touched(relation, 'an index is built over all its rows')),
    online: concurrently,
    outsideTransaction: concurrently,
  };
}

/** REINDEX: SHARE on the table, ACCESS EXCLUSIVE on the index, unless concurrent. */
export function reindex(node: ReindexStmt, context: ClassifyContext): StatementEffect {
  const concurrently = (node.params ?? []).some(
    (option) => 'DefElem' in option && option.DefElem.defname === 'concurrently',
  );
  const statementKind = concurrently ? 'reindex-concurrently' : 'reindex';
  if (node.relation === undefined) {
    // SCHEMA, DATABASE and SYSTEM walk the catalog, one transaction a table.
    return {
      statementKind,
      mayLockMore: true,
      mayRunLong: true,
      online: concurrently,
      outsideTransaction: true,
      ...(concurrently ? {} : { opaque: true }),
    };
  }
  const target = nameOfRange(node.relation);
  const effect =
    node.kind === 'REINDEX_OBJECT_INDEX'
      ? reindexIndex(target, concurrently, context)
      : reindexTable(target, concurrently, context);
  return { statementKind, online: concurrently, outsideTransaction: concurrently, ...effect };
}

function reindexIndex(index: SqlName, concurrently: boolean, context: ClassifyContext): Effect {
  const table = factsOf(context, index)?.table;
  const tableMode = concurrently ? 'ShareUpdateExclusiveLock' : 'ShareLock';
  const indexMode = concurrently ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
  return {
    objects: [change('alter', 'index', { ...index, table })],
    locks: [
      ...(table === undefined ? [] : [lock(table, tableMode, 'its index is built again')]),
      lock(index, indexMode, 'the index is built again'),
    ],
    scans: table === undefined ? [] : [touched(table, 'its index is built over all its rows')],
    mayLockMore: table === undefined,
    mayRunLong: true,
  };
}

function reindexTable(table: SqlName, concurrently: boolean, context: ClassifyContext): Effect {
  const facts = factsOf(context, table);
  const tableMode = concurrently ? 'ShareUpdateExclusiveLock' : 'ShareLock';
  const indexMode = concurrently ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock';
  const effect: Effect = {
    objects: [change('alter', 'table', table)],
    locks: [
      lock(table, tableMode, 'its indexes are built again'),
      ...(facts?.indexes ?? []).map(({ name }) =>
        lock(name, indexMode, 'the index is built again'),
      ),
    ],
    scans: [touched(table, 'its indexes are built over all its rows')],
    mayLockMore: facts === undefined,
  };
  // Partitions are done one after the other, each in a transaction of its own; since version 14
  // (its release notes).
  return facts?.kind === 'partitioned-table'
    ? { ...withChildren(effect, table, context), outsideTransaction: true, requiresVersion: 14 }
    : effect;
}
