import type { CatalogView, RelationFacts } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import { type SqlName, sameName } from '../sql/sql-name.ts';

/** An index that a statement of the migration makes, and on what. */
export interface MadeIndex {
  readonly name: SqlName;
  readonly table: SqlName;
}

export function madeIndexes({ objects }: Classification): readonly MadeIndex[] {
  return objects.flatMap(({ change, kind, schema, name, table }) =>
    change === 'create' && kind === 'index' && name !== undefined && table !== undefined
      ? [{ name: { schema, name }, table }]
      : [],
  );
}

/** The catalog as it will be with these indexes: to drop one is to lock its table. */
export function withIndexes(catalog: CatalogView, indexes: readonly MadeIndex[]): CatalogView {
  return {
    ...catalog,
    relation: (name) => {
      const found = catalog.relation(name);
      const made = indexes.find((index) => sameName(index.name, name));
      return found ?? (made && factsOf(made));
    },
  };
}

function factsOf({ name, table }: MadeIndex): RelationFacts {
  return {
    kind: 'index',
    name,
    table,
    columns: [],
    indexes: [],
    constraints: [],
    referencedBy: [],
    children: [],
    reads: [],
    partitioning: undefined,
    tablespace: 'pg_default',
    estimatedRows: -1,
  };
}

/**
 * Whether a name without a schema means what the catalog has, and not what was made under the same
 * name in a schema that was written, such as a view of a version.
 */
export function isElsewhere(
  made: SqlName,
  written: SqlName,
  catalog: CatalogView | undefined,
): boolean {
  return (
    made.schema !== undefined &&
    written.schema === undefined &&
    catalog?.relation(written) !== undefined
  );
}
