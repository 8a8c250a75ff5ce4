import type { Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { type Effect, touched } from '../effect.ts';
import { includesName, nameOfRange, type SqlName } from '../sql-name.ts';
import { functionsIn, isHarmlessFunction } from '../volatility.ts';
import { nodesNamed } from '../walk.ts';
import { factsOf } from './relation-effect.ts';

/**
 * What running a query may do besides its result: read every relation it names (which index serves
 * it is the planner's choice), and whatever a function does that is not known to be harmless.
 */
export function queryEffect(query: Node | undefined, context: ClassifyContext): Effect {
  const relations = relationsIn(query).flatMap((relation) => readWith(relation, context));
  return {
    scans: relations.map((relation) => touched(relation, 'the query reads it')),
    opaque: !functionsIn(query).every(isHarmlessFunction),
  };
}

/** What is read to read a relation: a view has no rows of its own, a partitioned table neither. */
function readWith(relation: SqlName, context: ClassifyContext): readonly SqlName[] {
  const facts = factsOf(context, relation);
  switch (facts?.kind) {
    case 'view':
      return facts.reads;
    case 'partitioned-table':
      return facts.children;
    default:
      return [relation, ...(facts?.children ?? [])];
  }
}

/** Relations that a query names, without its own WITH queries. */
export function relationsIn(query: unknown): readonly SqlName[] {
  const own = nodesNamed(query, 'CommonTableExpr').map(({ ctename = '' }) => ctename);
  const names = nodesNamed(query, 'RangeVar')
    .map(nameOfRange)
    .filter(({ schema, name }) => schema !== undefined || !own.includes(name));
  return names.filter((name, index) => !includesName(names.slice(0, index), name));
}
