import { keyTexts } from '../../core/backfill/key.ts';
import { quoteIdentifier, quoteLiteral, storedName } from '../../core/backfill/sql-text.ts';
import { marksRows } from '../../core/operations/sync/marks-rows.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import type { Fence } from '../ledger/fence.ts';
import type { ColumnTypes } from './column-types.ts';

/**
 * The condition of a row on which work is still to be done: it has the mark of an operation, or its
 * columns differ from what they would be set to.
 *
 * @returns undefined when that cannot be told: the plan says so, or `=` does not see every
 *   difference of a type
 */
export function pendingCondition(
  { table, work, repeatable = false }: Pick<BackfillStep, 'table' | 'work' | 'repeatable'>,
  types: ColumnTypes,
): string | undefined {
  if (work.kind !== 'update' || !repeatable) return undefined;
  const { set, where } = work;
  if (where !== undefined && marksRows(work)) return `(${where})`;
  const differs = Object.entries(set).flatMap(([written, expression]) => {
    const column = storedName(written);
    const type = types.get(column);
    if (type?.comparable !== true) return [];
    const name = `${quoteIdentifier(table.name)}.${quoteIdentifier(column)}`;
    return [`${name} is distinct from (${expression}\n)::${type.name}`];
  });
  if (differs.length < Object.keys(set).length) return undefined;
  const selected = where === undefined ? '' : `(${where}\n) and `;
  return `(${selected}(${differs.join(' or ')}))`;
}

/**
 * The same, not for rows that were set aside: they stay as they are, and whatever made them fail may
 * be the condition itself. A CASE, because the order of an AND is the planner's.
 */
export function pendingOutOfQuarantine(
  { table, key, stepId }: Pick<BackfillStep, 'table' | 'key' | 'stepId'>,
  { executionId }: Fence,
  pending: string,
): string {
  const row = `jsonb_build_array(${keyTexts(key, table.name).join(', ')})`;
  const setAside = `select q.key from lockkeeper.quarantine as q
    where q.execution_id = ${quoteLiteral(executionId)} and q.step_id = ${quoteLiteral(stepId)}`;
  return `(case when ${row} in (${setAside}) then false else ${pending} end)`;
}
