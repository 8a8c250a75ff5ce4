import type { CatalogView } from '../core/sql/catalog.ts';
import type { NamedObjects } from '../core/sql/named-objects.ts';
import type { SqlName } from '../core/sql/sql-name.ts';
import type { Session } from '../ports/database.ts';
import { readFunctions, type Volatility } from './catalog/read-functions.ts';
import { readRelations } from './catalog/read-relations.ts';
import { readTypes } from './catalog/read-types.ts';

/**
 * What the live catalog knows of the named objects, as it is now; anything else does not exist in
 * this view. Reads only. Names that the view returns have a schema only where the search path
 * would not find them.
 */
export async function readCatalogView(
  session: Session,
  { relations, types, functions }: NamedObjects,
): Promise<CatalogView> {
  const foundRelations = await readRelations(session, relations);
  const foundTypes = await readTypes(session, types);
  const foundFunctions = await readFunctions(session, functions);
  return {
    relation: lookup(
      foundRelations.map((each) => ({ ...each, name: each.facts.name.name, value: each.facts })),
    ),
    type: lookup(foundTypes.map((each) => ({ ...each, value: each.facts }))),
    volatility: lookup(
      foundFunctions.map((each) => ({ ...each, value: each.volatility })),
      mostVolatile,
    ),
  };
}

interface Stored<T> {
  readonly schema: string;
  readonly name: string;
  readonly visible: boolean;
  readonly value: T;
}

/** Finds by schema and name, and without a schema what is visible on the search path. */
function lookup<T>(
  stored: readonly Stored<T>[],
  merge: (first: T, second: T) => T = (first) => first,
): (name: SqlName) => T | undefined {
  const byName = new Map<string, T>();
  const put = (key: string, value: T) => {
    const first = byName.get(key);
    byName.set(key, first === undefined ? value : merge(first, value));
  };
  for (const { schema, name, visible, value } of stored) {
    put(keyOf(schema, name), value);
    if (visible) put(keyOf(undefined, name), value);
  }
  return ({ schema, name }) => byName.get(keyOf(schema, name));
}

const keyOf = (schema: string | undefined, name: string) => JSON.stringify([schema ?? null, name]);

const ORDER: readonly Volatility[] = ['immutable', 'stable', 'volatile'];

/** Functions of one name in several schemas: which is meant depends on the arguments. */
function mostVolatile(first: Volatility, second: Volatility): Volatility {
  return ORDER.indexOf(first) < ORDER.indexOf(second) ? second : first;
}
