import { isEarlier } from '../sql/earlier.ts';
import { nameOfRange, type SqlName, writeName } from '../sql/sql-name.ts';
import { type Examined, type Finding, finding } from './finding.ts';

/** Moving all rows in one statement: row locks, dead rows and log for as long as it takes. */
export function dataHazards(examined: Examined): readonly Finding[] {
  const { node } = examined.statement;
  const table = writtenTable(examined);
  if (table === undefined || isEarlier(examined.target, table)) return [];
  const verb = 'UpdateStmt' in node ? 'update' : 'delete';
  const message = `one ${verb} of ${writeName(table)} locks its rows until all of them are done`;
  const safer = `declare it as a backfill of ${writeName(table)}: batches with a checkpoint each`;
  return [finding(examined, 'unbatched-backfill', 'error', message, safer)];
}

function writtenTable({ statement: { node } }: Examined): SqlName | undefined {
  if ('UpdateStmt' in node) return nameOfRange(node.UpdateStmt.relation);
  return 'DeleteStmt' in node ? nameOfRange(node.DeleteStmt.relation) : undefined;
}
