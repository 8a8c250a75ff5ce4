import type { AlterTableCmd, AlterTableStmt } from 'libpg-query';
import { nameOfRange, quoteName, writeName } from '../sql-name.ts';

/** ALTER TABLE is taken back when each of its sub-commands is, the last one first. */
export function undoAlterTable({ relation, cmds = [], objtype }: AlterTableStmt) {
  if (objtype !== 'OBJECT_TABLE') return undefined;
  const undos = cmds.map((node) =>
    'AlterTableCmd' in node ? undoCommand(node.AlterTableCmd) : undefined,
  );
  if (undos.length === 0 || undos.includes(undefined)) return undefined;
  return `alter table ${writeName(nameOfRange(relation))} ${undos.toReversed().join(', ')}`;
}

function undoCommand({ subtype, name, def, missing_ok }: AlterTableCmd): string | undefined {
  const quoted = quoteName(name ?? '');
  switch (subtype) {
    case 'AT_AddColumn':
      return def !== undefined && 'ColumnDef' in def && missing_ok !== true
        ? `drop column ${quoteName(def.ColumnDef.colname ?? '')}`
        : undefined;
    case 'AT_AddConstraint':
      return def !== undefined && 'Constraint' in def && def.Constraint.conname !== undefined
        ? `drop constraint ${quoteName(def.Constraint.conname)}`
        : undefined;
    case 'AT_SetNotNull':
      return `alter column ${quoted} drop not null`;
    case 'AT_AddIdentity':
      return `alter column ${quoted} drop identity`;
    case 'AT_AttachPartition':
      return def !== undefined && 'PartitionCmd' in def
        ? `detach partition ${writeName(nameOfRange(def.PartitionCmd.name))}`
        : undefined;
    case 'AT_EnableRowSecurity':
      return 'disable row level security';
    case 'AT_ForceRowSecurity':
      return 'no force row level security';
    default:
      return undefined;
  }
}
