import { isEarlier } from '../sql/earlier.ts';
import { blockedBy } from '../sql/lock-conflicts.ts';
import type { SqlName } from '../sql/sql-name.ts';
import { addedColumn, addedConstraint, alterCommands } from './alter-commands.ts';
import type { Examined } from './rule.ts';

/** Tables that nobody else can use from this statement to the end of its transaction. */
export function exclusiveTables(examined: Examined | undefined): readonly SqlName[] {
  if (examined === undefined) return [];
  const { locks } = examined.classification;
  const tables = locks.filter(({ mode }) => mode === 'AccessExclusiveLock');
  return tables
    .map(({ relation }) => relation)
    .filter((relation) => examined.target.catalog?.relation(relation)?.kind !== 'index');
}

/** A schema change that makes somebody wait. */
export function isDdlOnExisting(examined: Examined | undefined): boolean {
  if (examined === undefined) return false;
  const { strongestLock, understood, locks } = examined.classification;
  if (!understood || strongestLock === undefined || locks.length === 0) return false;
  const blocks = blockedBy(strongestLock);
  return blocks === 'reads and writes' || blocks === 'writes';
}

/** Writes more rows than a list of values, in tables that others use. */
export function isBackfill(examined: Examined | undefined): boolean {
  const { statementKind, mayRunLong, locks } = examined?.classification ?? {};
  if (statementKind === undefined || !ROW_STATEMENTS.has(statementKind)) return false;
  return mayRunLong === true && locks !== undefined && locks.length > 0;
}

const ROW_STATEMENTS: ReadonlySet<string> = new Set(['update', 'delete', 'insert', 'merge']);

export function validates(examined: Examined): boolean {
  return examined.classification.statementKind === 'validate-constraint';
}

/** A foreign key on a table that others use. */
export function addsForeignKey(examined: Examined | undefined): boolean {
  if (examined === undefined) return false;
  const { table, commands } = alterCommands(examined);
  if (isEarlier(examined.target, table)) return false;
  return commands.some(
    (command) =>
      addedConstraint(command)?.contype === 'CONSTR_FOREIGN' ||
      addedColumn(command)?.constraints.some(({ contype }) => contype === 'CONSTR_FOREIGN'),
  );
}
