import { quoteName } from '../../sql/sql-name.ts';
import { type Refusal, refuse } from '../operation-kind.ts';
import type { ColumnModel, TableModel } from '../schema-model.ts';

/**
 * What keeps a column from getting a copy beside it that takes its place.
 * @param without names of constraints that the copy does not get
 */
export function whyNotCopied(
  table: TableModel,
  column: ColumnModel,
  without: ReadonlySet<string> = new Set(),
): Refusal | undefined {
  const named = `column ${quoteName(column.name)} of ${quoteName(table.name)}`;
  if (column.changed) {
    return refuse(`an earlier operation of this migration changes ${named} already`, {
      fix: 'write both changes into one operation, or two migrations',
    });
  }
  if (column.generated !== undefined) {
    return refuse(`${named} is a generated column, whose values cannot come from a trigger`, {
      fix: 'add a new column (add_column with up), and drop this one in a later migration',
    });
  }
  if (column.identity !== undefined) {
    return refuse(
      `${named} is an identity column, whose sequence PostgreSQL gives to no other column`,
      {
        fix: 'in a migration before, make it a column with a default: alter column ... drop identity, create sequence ... owned by it, set default nextval(...); a sequence that is owned goes along',
      },
    );
  }
  return (
    whyNotItsConstraints(table, column, named, without) ?? whyNotItsIndexes(table, column, named)
  );
}

function whyNotItsConstraints(
  table: TableModel,
  column: ColumnModel,
  named: string,
  without: ReadonlySet<string>,
): Refusal | undefined {
  const excluded = table.constraints.find(
    ({ kind, columns, name }) =>
      kind === 'exclusion' && columns.includes(column.name) && !without.has(name),
  );
  return (
    excluded &&
    refuse(
      `${named} is part of the exclusion constraint ${quoteName(excluded.name)}, which PostgreSQL cannot add without a long lock`,
      { fix: 'drop the constraint first (drop_constraint)' },
    )
  );
}

function whyNotItsIndexes(
  table: TableModel,
  column: ColumnModel,
  named: string,
): Refusal | undefined {
  const own = table.indexes.filter(({ columns }) => columns.includes(column.name));
  const [first] = own;
  if (table.kind === 'partitioned-table' && first !== undefined) {
    return refuse(
      `${named} is indexed, and the indexes of a partitioned table cannot be copied at once`,
      { fix: 'drop the index first (drop_index), and create it again afterwards (create_index)' },
    );
  }
  const { replicaIdentity: identity } = table;
  if (identity.kind === 'index' && own.some(({ name }) => name === identity.index)) {
    return refuse(
      `${named} is part of the replica identity, the index ${quoteName(identity.index)}, which would stay with the old column`,
      { fix: 'set another replica identity first (set_replica_identity), in a migration before' },
    );
  }
  const copied = table.columns.filter(({ name, physicalName }) => name !== physicalName);
  const shared = own.find(({ columns }) => copied.some(({ name }) => columns.includes(name)));
  return (
    shared &&
    refuse(
      `${named} and another column that this migration changes are both in the index ${quoteName(shared.name)}`,
      { fix: 'change one of them in a migration of its own' },
    )
  );
}
