import { quoteName } from '../../sql/sql-name.ts';
import { type LoweringContext, type Refusal, refuse } from '../operation-kind.ts';
import type { ColumnModel, DependentModel, TableModel } from '../schema-model.ts';

/** A view of a version belongs to us and follows its columns. */
export interface DependencyOptions {
  /** Schemas of our own views. */
  readonly versions: readonly string[];
  /** A view can be pointed at the new column when that has the same name and type. */
  readonly viewsFollow: boolean;
}

/**
 * What keeps a column from being replaced by another or dropped: everything that would go on using
 * the old one, unnoticed.
 */
export function whyNotReplaced(
  table: TableModel,
  column: ColumnModel,
  { versions, viewsFollow }: DependencyOptions,
): Refusal | undefined {
  const named = `column ${quoteName(column.name)} of ${quoteName(table.name)}`;
  const reference = table.referencedBy.find(({ columns }) => columns.includes(column.name));
  if (reference !== undefined) {
    return refuse(
      `${named} is what the foreign key ${quoteName(reference.constraint)} of ${quoteName(reference.table.name)} points to`,
      { fix: `drop that constraint first (drop_constraint), and add it again afterwards` },
    );
  }
  const dependent = dependentsOf(table, column, versions).find(
    ({ kind }) => !(viewsFollow && kind === 'view'),
  );
  if (dependent !== undefined) {
    return refuse(`${dependent.name} uses ${named} and would go on using the old one`, {
      fix: `drop the ${dependent.kind} first (sql), and make it again afterwards`,
    });
  }
  const trigger = table.triggers.find(({ columns }) => columns.includes(column.name));
  return trigger === undefined
    ? undefined
    : refuse(`the trigger ${quoteName(trigger.name)} fires on updates of ${named} only`, {
        fix: 'drop the trigger first (sql), and make it again afterwards',
      });
}

/** Who uses the column, our own views of versions aside. */
export function dependentsOf(
  table: TableModel,
  column: ColumnModel,
  versions: readonly string[],
): readonly DependentModel[] {
  return table.dependents.filter(
    ({ columns, relation }) =>
      columns.includes(column.name) && !versions.includes(relation?.schema ?? ''),
  );
}

/**
 * Schemas whose views may stand in the way: finalize drops those of earlier versions first. Without
 * a version of its own a migration leaves them, so that they count like anybody's views.
 */
export function ownVersions({ model, versionSchema }: LoweringContext): readonly string[] {
  return versionSchema === undefined ? [] : model.versions.map(({ schema }) => schema);
}
