import type { TruncateStmt } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { change, combine, type Effect, lock, type StatementEffect } from '../effect.ts';
import { nameOfRange, type SqlName, writeName } from '../sql-name.ts';
import { withChildren } from './children.ts';
import { factsOf, rewriteOf } from './relation-effect.ts';

/** TRUNCATE gives each table a new, empty file; CASCADE also those that reference it. */
export function truncate(node: TruncateStmt, context: ClassifyContext): StatementEffect {
  const cascade = node.behavior === 'DROP_CASCADE';
  const tables = (node.relations ?? []).flatMap((each) =>
    'RangeVar' in each ? [nameOfRange(each.RangeVar)] : [],
  );
  return {
    ...combine(tables.map((table) => emptied(table, cascade, context))),
    statementKind: 'truncate',
    // The scans are index builds over an empty file.
    mayRunLong: false,
  };
}

function emptied(table: SqlName, cascade: boolean, context: ClassifyContext): Effect {
  const facts = factsOf(context, table);
  const also = cascade ? (facts?.referencedBy ?? []) : [];
  const effect = combine([
    rewriteOf(context, table, 'it gets a new, empty file'),
    ...also.map((each) => rewriteOf(context, each, 'CASCADE empties it as well')),
    {
      locks: [table, ...also].map((each) => lock(each, 'AccessExclusiveLock', 'it is emptied')),
      destructive: [{ kind: 'truncate', what: `all rows of ${writeName(table)}`, cascade }],
      objects: [change('alter', 'table', table)],
      mayLockMore: cascade && facts === undefined,
      breaks: `the rows of ${writeName(table)} are gone`,
    },
  ]);
  return withChildren(effect, table, context);
}
