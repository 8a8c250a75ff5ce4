import type { IndexStmt } from 'libpg-query';
import { isEarlier } from '../sql/earlier.ts';
import { nameOfRange, type SqlName } from '../sql/sql-name.ts';
import type { Examined } from './rule.ts';

export type NewIndex = IndexStmt & { readonly table: SqlName };

/** The index that CREATE INDEX makes, on whatever table. */
export function newIndex({ statement: { node } }: Examined): readonly NewIndex[] {
  return 'IndexStmt' in node
    ? [{ ...node.IndexStmt, table: nameOfRange(node.IndexStmt.relation) }]
    : [];
}

export interface BuiltIndex {
  readonly node: IndexStmt;
  readonly table: SqlName;
  readonly partitioned: boolean;
}

/** The index that CREATE INDEX builds over a table that others use. */
export function builtIndex(examined: Examined): readonly BuiltIndex[] {
  return newIndex(examined)
    .filter(({ table }) => !isEarlier(examined.target, table))
    .map(({ table, ...node }) => {
      const kind = examined.target.catalog?.relation(table)?.kind;
      return { node, table, partitioned: kind === 'partitioned-table' };
    });
}

/** The columns of an index without expressions, predicate and INCLUDE. */
export function plainColumns({ indexParams = [], whereClause, indexIncludingParams }: IndexStmt) {
  if (whereClause !== undefined || indexIncludingParams !== undefined) return undefined;
  const names = indexParams.flatMap((param) =>
    'IndexElem' in param && param.IndexElem.name !== undefined ? [param.IndexElem.name] : [],
  );
  return names.length === indexParams.length ? names : undefined;
}
