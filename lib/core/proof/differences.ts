import type { CatalogView, RelationKind } from '../sql/catalog.ts';
import type { Classification, Touched } from '../sql/classification.ts';
import { compareLockModes, type LockMode, strongestOf } from '../sql/lock-mode.ts';
import { type SqlName, writeName } from '../sql/sql-name.ts';
import type { Measured } from './measured.ts';

/** Where a classification and the server do not agree. */
export interface Difference {
  /** Lowercase, with the names involved: what was announced, and what happened. */
  readonly message: string;
  /**
   * `missed`: the server did more than was announced, which is dangerous. `overstated`: it did less,
   * which costs the author a warning or a gate for nothing.
   */
  readonly kind: 'missed' | 'overstated';
}

/** Locks that ordinary reads and writes take; whether they are taken can depend on the rows. */
const ORDINARY: readonly LockMode[] = ['AccessShareLock', 'RowShareLock', 'RowExclusiveLock'];

/** What statements read depends on the planner; what DDL reads does not. */
const QUERIES: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'create-table-as',
  'create-materialized-view',
  'refresh-materialized-view',
]);

const TABLE_LIKE: ReadonlySet<RelationKind> = new Set<RelationKind>([
  'table',
  'partitioned-table',
  'view',
  'materialized-view',
  'foreign-table',
]);

/**
 * Compares what the statements of one transaction were announced to do with what they did.
 * @param catalog as it was before the first of them
 */
export function differencesOf(
  classifications: readonly Classification[],
  measured: Measured,
  catalog: CatalogView,
): readonly Difference[] {
  // What nobody claims to understand cannot be wrong; it is a finding of its own.
  if (classifications.some(({ understood }) => !understood)) return [];
  return [
    ...lockDifferences(classifications, measured, catalog),
    ...touchDifferences(
      'rewritten',
      classifications.flatMap(({ rewritten }) => rewritten),
      measured.rewritten,
      { catalog, complete: true },
    ),
    ...(classifications.some(({ statementKind }) => QUERIES.has(statementKind))
      ? []
      : touchDifferences(
          'read from end to end',
          classifications.flatMap(({ scans }) => scans),
          measured.scanned,
          { catalog, complete: measured.complete },
        )),
  ];
}

function lockDifferences(
  classifications: readonly Classification[],
  { locks, complete }: Measured,
  catalog: CatalogView,
): readonly Difference[] {
  const announced = Map.groupBy(
    classifications.flatMap((each) => each.locks),
    ({ relation }) => resolved(relation, catalog),
  );
  const strongest = (name: string) =>
    strongestOf((announced.get(name) ?? []).map(({ mode }) => mode));
  const seen = new Map(locks.map(({ relation, mode }) => [resolved(relation, catalog), mode]));
  const mayLockMore = classifications.some((each) => each.mayLockMore);
  const missed = [...seen].flatMap(([name, mode]): Difference[] => {
    const said = strongest(name);
    if (said === undefined && mayLockMore) return [];
    if (said !== undefined && compareLockModes(said, mode) >= 0) return [];
    const instead = said === undefined ? 'no lock on it was announced' : `${said} was announced`;
    return [{ kind: 'missed', message: `it holds ${mode} on ${name}, and ${instead}` }];
  });
  if (!complete) return missed;
  const overstated = [...announced.keys()].flatMap((name): Difference[] => {
    const said = strongest(name);
    const mode = seen.get(name);
    if (said === undefined || ORDINARY.includes(said) || !isTable(name, announced, catalog)) {
      return [];
    }
    if (mode !== undefined && compareLockModes(mode, said) >= 0) return [];
    const message = `${said} on ${name} was announced, and it holds ${mode ?? 'none'}`;
    return [{ kind: 'overstated', message }];
  });
  return [...missed, ...overstated];
}

/** Indexes and sequences are locked too, and stand in nobody's way by themselves. */
function isTable(
  name: string,
  announced: ReadonlyMap<string, readonly { readonly relation: SqlName }[]>,
  catalog: CatalogView,
): boolean {
  const [first] = announced.get(name) ?? [];
  const kind = first === undefined ? undefined : catalog.relation(first.relation)?.kind;
  return kind !== undefined && TABLE_LIKE.has(kind);
}

function touchDifferences(
  words: string,
  announced: readonly Touched[],
  measured: readonly SqlName[],
  { catalog, complete }: { readonly catalog: CatalogView; readonly complete: boolean },
): readonly Difference[] {
  const seen = new Set(measured.map((relation) => resolved(relation, catalog)));
  const said = new Set(announced.map(({ relation }) => resolved(relation, catalog)));
  const certain = announced.filter(
    ({ certainty, relation }) => certainty === 'yes' && catalog.relation(relation) !== undefined,
  );
  const missed = [...seen]
    .filter((name) => !said.has(name))
    .map(
      (name): Difference => ({
        kind: 'missed',
        message: `${name} is ${words}, and that was not announced`,
      }),
    );
  if (!complete) return missed;
  const overstated = [...new Set(certain.map(({ relation }) => resolved(relation, catalog)))]
    .filter((name) => !seen.has(name))
    .map(
      (name): Difference => ({
        kind: 'overstated',
        message: `${name} was announced to be ${words}, and it is not`,
      }),
    );
  return [...missed, ...overstated];
}

/** One spelling of a name, whether it was written with its schema or not. */
function resolved(name: SqlName, catalog: CatalogView): string {
  return writeName(catalog.relation(name)?.name ?? name);
}
