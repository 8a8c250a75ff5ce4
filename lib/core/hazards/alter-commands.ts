import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';
import { isEarlier } from '../sql/earlier.ts';
import { nameOfRange, type SqlName } from '../sql/sql-name.ts';
import type { Examined } from './finding.ts';

/** The sub-commands of an ALTER TABLE on a table that others use; none for any other statement. */
export function alterCommands({ statement, target }: Examined): {
  readonly table: SqlName;
  readonly commands: readonly AlterTableCmd[];
} {
  const { node } = statement;
  const table = nameOfRange('AlterTableStmt' in node ? node.AlterTableStmt.relation : undefined);
  if (!('AlterTableStmt' in node) || isEarlier(target, table)) return { table, commands: [] };
  const { cmds = [] } = node.AlterTableStmt;
  return {
    table,
    commands: cmds.flatMap((cmd) => ('AlterTableCmd' in cmd ? [cmd.AlterTableCmd] : [])),
  };
}

/** The column that ADD COLUMN adds, with its constraints. */
export function addedColumn({
  subtype,
  def,
}: AlterTableCmd):
  | { readonly column: ColumnDef; readonly constraints: readonly Constraint[] }
  | undefined {
  if (subtype !== 'AT_AddColumn' || def === undefined || !('ColumnDef' in def)) return undefined;
  return { column: def.ColumnDef, constraints: constraintsIn(def.ColumnDef.constraints) };
}

/** The constraint that ADD CONSTRAINT adds. */
export function addedConstraint({ subtype, def }: AlterTableCmd): Constraint | undefined {
  const adds = subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def;
  return adds ? def.Constraint : undefined;
}

function constraintsIn(nodes: readonly Node[] = []): readonly Constraint[] {
  return nodes.flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}
