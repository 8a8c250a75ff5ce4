import type { BackfillWork } from '../../migration/migration.ts';
import { PENDING_COLUMN } from '../names.ts';
import { findColumn, type TableModel } from '../schema-model.ts';

/**
 * Whether a backfill is one of ours, which marks each row it has done, with a trigger that does the
 * same in every update of a row that is not marked: then a table without a key can be walked.
 */
export function marksRows(work: BackfillWork): boolean {
  return work.kind === 'update' && work.where === PENDING_COLUMN;
}

/**
 * Whether the table certainly has an index that names each row once. Without one it is walked page
 * by page, and every update of a row that is still to be filled must fill it: it may move the row
 * to a page that was passed. With one an update that does not concern the columns costs nothing.
 */
export function hasKey(table: TableModel): boolean {
  return table.indexes.some(
    ({ unique, valid, columns, definition }) =>
      unique &&
      valid &&
      columns.length > 0 &&
      !/\bwhere\b|\(\(/i.test(definition) &&
      columns.every((name) => findColumn(table, name)?.notNull === true),
  );
}
