import type { CatalogView, RelationFacts } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import { type SqlName, sameName } from '../sql/sql-name.ts';

/** What a statement of the migration makes of what is in use. */
export type CatalogChange =
  | { readonly kind: 'index'; readonly name: SqlName; readonly table: SqlName }
  | { readonly kind: 'rename'; readonly name: SqlName; readonly from: SqlName }
  | ColumnRename;

interface ColumnRename {
  readonly kind: 'column';
  readonly table: SqlName;
  readonly from: string;
  readonly to: string;
}

export function catalogChanges({ objects }: Classification): readonly CatalogChange[] {
  return objects.flatMap(({ change, kind, schema, name, table, newName }): CatalogChange[] => {
    if (name === undefined) return [];
    if (change === 'create' && kind === 'index' && table !== undefined) {
      return [{ kind: 'index', name: { schema, name }, table }];
    }
    if (change !== 'rename' || newName === undefined) return [];
    if (kind === 'column') {
      return table === undefined ? [] : [{ kind: 'column', table, from: name, to: newName }];
    }
    return kind === 'table'
      ? [{ kind: 'rename', name: { schema, name: newName }, from: { schema, name } }]
      : [];
  });
}

/**
 * The catalog as these changes will leave it: to drop an index is to lock its table, and a table
 * keeps its partitions under another name.
 */
export function changedCatalog(
  catalog: CatalogView,
  changes: readonly CatalogChange[],
): CatalogView {
  const relation = (name: SqlName): RelationFacts | undefined => {
    const found = catalog.relation(name);
    if (found !== undefined) return changes.reduce(renamedColumn, found);
    const change = changes.find((each) => each.kind !== 'column' && sameName(each.name, name));
    if (change === undefined || change.kind === 'column') return undefined;
    if (change.kind === 'index') return indexFacts(change.name, change.table);
    const facts = catalog.relation(change.from);
    return facts && { ...changes.reduce(renamedColumn, facts), name: change.name };
  };
  return { ...catalog, relation };
}

/** A column that is renamed away keeps its foreign keys and indexes. */
function renamedColumn(facts: RelationFacts, change: CatalogChange): RelationFacts {
  if (change.kind !== 'column' || !sameName(change.table, facts.name)) return facts;
  const { from, to } = change;
  const list = (columns: readonly string[]) => columns.map((name) => (name === from ? to : name));
  return {
    ...facts,
    columns: facts.columns.map((each) => (each.name === from ? { ...each, name: to } : each)),
    indexes: facts.indexes.map((each) => ({ ...each, columns: list(each.columns) })),
    constraints: facts.constraints.map((each) => ({ ...each, columns: list(each.columns) })),
  };
}

/** Whether the change makes a relation of this name. */
export function makes(change: CatalogChange, name: SqlName): boolean {
  return change.kind !== 'column' && sameName(change.name, name);
}

function indexFacts(name: SqlName, table: SqlName): RelationFacts {
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
