import type { SyncRule } from '../lowered.ts';
import { tombstoneName } from '../names.ts';

/** `expand`: until the swap. `contract`: after it, when old columns have their tombstone names. */
export type SyncStage = 'expand' | 'contract';

/** Only another name: the same column for both versions, no values to keep in step. */
export function isRename(rule: SyncRule): boolean {
  return rule.oldColumn !== undefined && rule.newColumn !== undefined && rule.shadow === undefined;
}

/** What the old application's column is called in the table at this stage. */
export function oldPhysical(rule: SyncRule, stage: SyncStage): string | undefined {
  if (rule.oldColumn === undefined || stage === 'expand') return rule.oldColumn;
  return isRename(rule) ? rule.newColumn : tombstoneName(rule.oldColumn);
}

/** What the new application's column is called in the table at this stage. */
export function newPhysical(rule: SyncRule, stage: SyncStage): string | undefined {
  if (rule.newColumn === undefined || stage === 'contract') return rule.newColumn;
  return isRename(rule) ? rule.oldColumn : rule.shadow;
}
