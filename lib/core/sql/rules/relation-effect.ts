import type { ClassifyContext, RelationFacts } from '../catalog.ts';
import { type Effect, lock, touched } from '../effect.ts';
import type { LockMode } from '../lock-mode.ts';
import type { SqlName } from '../sql-name.ts';

/** What the catalog knows of a relation; undefined without a catalog or when it does not exist. */
export function factsOf(context: ClassifyContext, relation: SqlName): RelationFacts | undefined {
  return context.catalog?.relation(relation);
}

/**
 * Writing a table anew reads all of it and builds its indexes again: SHARE for each build, ACCESS
 * EXCLUSIVE on each index, besides the lock that the command itself takes.
 */
export function rewriteOf(
  context: ClassifyContext,
  relation: SqlName,
  why: string,
  certainty: 'yes' | 'unknown' = 'yes',
): Effect {
  const facts = factsOf(context, relation);
  const indexes = facts?.indexes ?? [];
  // A partitioned table has no file: its partitions are written anew.
  const built = facts?.kind === 'partitioned-table' ? facts.children : [relation];
  return {
    rewritten: [touched(relation, why, certainty)],
    scans: [touched(relation, why, certainty)],
    locks: [
      ...built.map((each) => lock(each, 'ShareLock', 'its indexes are built again')),
      ...indexes.map(({ name }) => lock(name, 'AccessExclusiveLock', 'the index is built again')),
    ],
  };
}

/** Locks on a table's indexes in the mode in which a query uses the table. */
export function withIndexes(
  context: ClassifyContext,
  relation: SqlName,
  mode: LockMode,
  why: string,
): Effect {
  const indexes = factsOf(context, relation)?.indexes ?? [];
  return {
    locks: [lock(relation, mode, why), ...indexes.map(({ name }) => lock(name, mode, why))],
  };
}

/** SET TABLESPACE copies every byte, unless the relation is there already. */
export function moveTo(context: ClassifyContext, relation: SqlName, tablespace: string): Effect {
  const facts = factsOf(context, relation);
  if (facts?.tablespace === tablespace) return {};
  return {
    rewritten: [touched(relation, `its files are copied to ${tablespace}`)],
    scans: [touched(relation, `its files are copied to ${tablespace}`)],
  };
}
