import type { ClassifyContext } from './catalog.ts';
import type { Classification, ObjectKind } from './classification.ts';
import { timeZoneSetBy } from './rules/session.ts';
import type { Statement } from './split.ts';
import type { SqlName } from './sql-name.ts';

/** True when an earlier statement of the same migration made this relation. */
export function isEarlier(context: ClassifyContext, relation: SqlName): boolean {
  return context.earlier.relations.some((made) => sameResolved(made, relation));
}

/** What is known of a type that an earlier statement of the same migration made. */
export function earlierType(
  context: ClassifyContext,
  type: SqlName,
): { readonly constrained: boolean } | undefined {
  return context.earlier.types.find(({ name }) => sameResolved(name, type));
}

/** The context in which the statement after this one is classified. */
export function afterStatement(
  context: ClassifyContext,
  statement: Pick<Statement, 'node'>,
  classification: Classification,
): ClassifyContext {
  const created = classification.objects.filter(
    ({ change, name }) => change === 'create' && name !== undefined,
  );
  const named = created.map((object) => ({ ...object, name: object.name ?? '' }));
  const relations = named
    .filter(({ kind, table }) => RELATIONS.has(kind) || isIndexOfEarlier(context, kind, table))
    // IF NOT EXISTS and OR REPLACE may have met a relation that is in use.
    .filter(({ schema, name }) => context.catalog?.relation({ schema, name }) === undefined)
    .map(({ schema, name }) => ({ schema, name }));
  const renamed = classification.objects.flatMap(({ change, schema, name = '', newName }) =>
    change === 'rename' && newName !== undefined && isEarlier(context, { schema, name })
      ? [{ schema, name: newName }]
      : [],
  );
  const types = named
    .filter(({ kind }) => kind === 'type' || kind === 'domain')
    .map(({ schema, name }) => ({
      name: { schema, name },
      constrained: hasConstraints(statement),
    }));
  return {
    ...context,
    timeZoneUtc: timeZoneSetBy(statement.node) ?? context.timeZoneUtc,
    earlier: {
      relations: [...context.earlier.relations, ...relations, ...renamed],
      types: [...context.earlier.types, ...types],
    },
  };
}

const RELATIONS: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  'table',
  'view',
  'materialized-view',
  'sequence',
]);

/** A new index on a table that is in use is not harmless: dropping it locks the table. */
function isIndexOfEarlier(
  context: ClassifyContext,
  kind: ObjectKind,
  table: SqlName | undefined,
): boolean {
  return kind === 'index' && table !== undefined && isEarlier(context, table);
}

function hasConstraints({ node }: Pick<Statement, 'node'>): boolean {
  return 'CreateDomainStmt' in node && (node.CreateDomainStmt.constraints ?? []).length > 0;
}

/**
 * A name without a schema is taken for one in `public`. It must not match every schema: a new
 * `archive.orders` says nothing about the `orders` that is in use.
 */
function sameResolved(a: SqlName, b: SqlName): boolean {
  return a.name === b.name && (a.schema ?? 'public') === (b.schema ?? 'public');
}
