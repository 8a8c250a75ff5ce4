import type { ClassifyContext } from '../catalog.ts';
import type { Effect } from '../effect.ts';
import { type SqlName, sameName } from '../sql-name.ts';
import { factsOf } from './relation-effect.ts';

/**
 * The effect on a table together with the same on its partitions or inheriting tables. A
 * partitioned table stores no rows itself: what is read or written anew are its partitions.
 */
export function withChildren(effect: Effect, table: SqlName, context: ClassifyContext): Effect {
  const facts = factsOf(context, table);
  const children = facts?.children ?? [];
  const stored = facts?.kind === 'partitioned-table' ? children : [table, ...children];
  return {
    ...effect,
    locks: spread(effect.locks, table, [table, ...children]),
    scans: spread(effect.scans, table, stored),
    rewritten: spread(effect.rewritten, table, stored),
  };
}

function spread<T extends { readonly relation: SqlName }>(
  items: readonly T[] | undefined,
  table: SqlName,
  relations: readonly SqlName[],
): readonly T[] {
  return (items ?? []).flatMap((item) =>
    sameName(item.relation, table) ? relations.map((relation) => ({ ...item, relation })) : [item],
  );
}
