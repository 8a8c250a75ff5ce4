import type { Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { type Effect, touched } from '../effect.ts';
import { includesName, nameOfRange, type SqlName } from '../sql-name.ts';
import { functionsIn, isHarmlessFunction } from '../volatility.ts';
import { nodesNamed } from '../walk.ts';

/**
 * What running a query may do besides its result: read every relation it names (which index serves
 * it is the planner's choice), and whatever a function does that is not known to be harmless.
 */
export function queryEffect(query: Node | undefined, _context: ClassifyContext): Effect {
  const relations = relationsIn(query);
  return {
    scans: relations.map((relation) => touched(relation, 'the query reads it')),
    opaque: !functionsIn(query).every(isHarmlessFunction),
  };
}

/** Relations that a query names, without its own WITH queries. */
export function relationsIn(query: unknown): readonly SqlName[] {
  const own = nodesNamed(query, 'CommonTableExpr').map(({ ctename = '' }) => ctename);
  const names = nodesNamed(query, 'RangeVar')
    .map(nameOfRange)
    .filter(({ schema, name }) => schema !== undefined || !own.includes(name));
  return names.filter((name, index) => !includesName(names.slice(0, index), name));
}
