import { quoteName } from '../../sql/sql-name.ts';
import type { SyncRule } from '../lowered.ts';
import { type Refusal, refuse } from '../operation-kind.ts';
import { findColumn } from '../schema-model.ts';
import { newOnly, type TableSync } from './table-sync.ts';

/**
 * A dropped column gets `down` in rows that the new application inserts. Where the column may be
 * empty, or has a default, such an INSERT looks like one of the old application that left it out;
 * only the views of a version, or a column that the new application alone knows, tell who it was.
 */
export function whyNotToldApart(
  sync: TableSync,
): { readonly rule: SyncRule; readonly refusal: Refusal } | undefined {
  if (sync.writers.newVersion !== undefined) return undefined;
  for (const { rule, down } of sync.rules) {
    if (rule.newColumn !== undefined || rule.oldColumn === undefined || down === undefined)
      continue;
    const column = findColumn(sync.before, rule.oldColumn);
    if (column === undefined || newOnly(sync, down).length > 0) continue;
    if (column.notNull && column.default === undefined) continue;
    const [may, gets] =
      column.default === undefined ? ['may be NULL', 'NULL'] : ['has a default', 'the default'];
    const named = `column ${quoteName(column.name)} of ${quoteName(sync.before.name)}`;
    const refusal = refuse(
      `${named} ${may}, so an INSERT without it may be either application's, and down would change rows of the old one`,
      {
        path: ['down'],
        fix: `write versioned_schema: true, which tells them apart; or leave down out, and such rows get ${gets}`,
      },
    );
    return { rule, refusal };
  }
  return undefined;
}
