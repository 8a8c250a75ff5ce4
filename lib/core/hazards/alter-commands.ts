import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';
import { isEarlier } from '../sql/earlier.ts';
import { type PgType, pgTypeOf } from '../sql/pg-type.ts';
import { nameOfRange, type SqlName } from '../sql/sql-name.ts';
import type { Examined } from './rule.ts';

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

/** The columns that a statement makes: those of CREATE TABLE and of ADD COLUMN. */
export function newColumns({
  statement: { node },
}: Pick<Examined, 'statement'>): readonly NewColumn[] {
  if ('CreateStmt' in node) {
    const table = nameOfRange(node.CreateStmt.relation);
    return (node.CreateStmt.tableElts ?? []).flatMap((each) =>
      'ColumnDef' in each ? [newColumn(table, each.ColumnDef)] : [],
    );
  }
  if (!('AlterTableStmt' in node)) return [];
  const table = nameOfRange(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((cmd) => {
    const added = 'AlterTableCmd' in cmd ? addedColumn(cmd.AlterTableCmd) : undefined;
    return added === undefined ? [] : [newColumn(table, added.column)];
  });
}

export interface NewColumn {
  readonly table: SqlName;
  readonly name: string;
  readonly type: PgType;
  readonly constraints: readonly Constraint[];
}

function newColumn(table: SqlName, column: ColumnDef): NewColumn {
  return {
    table,
    name: column.colname ?? '',
    type: pgTypeOf(column.typeName),
    constraints: constraintsIn(column.constraints),
  };
}
