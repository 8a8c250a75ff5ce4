import type { Statement } from '../../sql/split.ts';

/** Why a statement needs no way back, for those that leave nothing to take away. */
export function nothingToUndo({ node }: Statement): string | undefined {
  if ('VacuumStmt' in node) return 'it refreshes statistics or space, which no application sees';
  if (!('AlterTableStmt' in node)) return undefined;
  const commands = node.AlterTableStmt.cmds ?? [];
  const validates = commands.every(
    (command) =>
      'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_ValidateConstraint',
  );
  return validates
    ? 'the constraint already held for every new row, and dropping it drops its validation'
    : undefined;
}
