import type { AlterPublicationStmt, CreatePublicationStmt } from 'libpg-query';
import { change, lock, type StatementEffect } from '../effect.ts';
import { nameOfRange } from '../sql-name.ts';
import { nodesNamed } from '../walk.ts';
import type { Rules } from './rule.ts';

/** Logical replication. */
export const PUBLICATION_RULES: Rules = {
  CreatePublicationStmt: (node) => publication('create', node),
  AlterPublicationStmt: (node) => publication('alter', node),
  CreateSubscriptionStmt: ({ subname }) => ({
    statementKind: 'create-subscription',
    objects: [change('create', 'subscription', { name: subname })],
    // It makes a replication slot on the publisher, which no rollback here could remove.
    outsideTransaction: true,
    mayRunLong: true,
  }),
  DropSubscriptionStmt: ({ subname = '' }) => ({
    statementKind: 'drop-subscription',
    objects: [change('drop', 'subscription', { name: subname })],
    destructive: [{ kind: 'drop', what: `subscription ${subname}`, cascade: false }],
    outsideTransaction: true,
    mayRunLong: true,
  }),
};

function publication(
  verb: 'create' | 'alter',
  node: CreatePublicationStmt | AlterPublicationStmt,
): StatementEffect {
  // The tables are bare bodies inside PublicationTable, which has one field only.
  const tables = nodesNamed(node.pubobjects, 'PublicationObjSpec').flatMap(({ pubtable }) =>
    pubtable?.relation === undefined ? [] : [nameOfRange(pubtable.relation)],
  );
  const schemas = (node.pubobjects ?? []).length > tables.length;
  return {
    statementKind: `${verb}-publication`,
    objects: [change(verb, 'publication', { name: node.pubname })],
    locks: tables.map((table) => lock(table, 'ShareUpdateExclusiveLock', 'it is published')),
    mayLockMore: node.for_all_tables === true || schemas,
  };
}
