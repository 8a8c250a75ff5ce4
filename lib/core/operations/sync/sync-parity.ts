import type { DeclaredParity, ParityPair } from '../../backfill/parity.ts';
import { quoteName } from '../../sql/sql-name.ts';
import { PENDING_COLUMN } from '../names.ts';
import { type Scope, sqlValue } from '../row-expression.ts';
import { newPhysical, oldPhysical } from './sync-names.ts';
import { newScope, oldScope, type ReadRule, type TableSync } from './table-sync.ts';

/**
 * What holds in each row that was filled, until contract: none is pending, and of the two forms of a
 * changed column one is what the other gives. Which one depends on who wrote last, so both are
 * allowed. A column that only the new application has may hold anything it wrote.
 */
export function syncParity(sync: TableSync): DeclaredParity {
  const pending = { expected: 'false', actual: PENDING_COLUMN, column: PENDING_COLUMN };
  return {
    kind: 'compared',
    pairs: [
      { name: PENDING_COLUMN, sides: pending },
      ...sync.rules.flatMap((each) => pairOf(sync, each) ?? []),
    ],
    join: undefined,
    where: undefined,
    onMismatch: 'stop',
    derived: true,
  };
}

function pairOf(sync: TableSync, { rule, up, down }: ReadRule): ParityPair | undefined {
  const newColumn = newPhysical(rule, 'expand');
  const oldColumn = oldPhysical(rule, 'expand');
  if (!rule.backfill || up === undefined) return undefined;
  if (newColumn === undefined || oldColumn === undefined) return undefined;
  const side = (column: string, expected: string) => ({
    expected,
    actual: quoteName(column),
    column,
  });
  const { before, after } = sync;
  return {
    name: rule.newColumn ?? newColumn,
    sides: side(newColumn, sqlValue(up, unqualified(oldScope(sync, 'expand', 'row')), before.name)),
    ...(down !== undefined && {
      or: side(oldColumn, sqlValue(down, unqualified(newScope(sync, 'expand', 'row')), after.name)),
    }),
  };
}

/** In a query over the table its columns are in scope by their own names. */
function unqualified(scope: Scope): Scope {
  return new Map([...scope].map(([name, sql]) => [name, sql.slice('row.'.length)]));
}
