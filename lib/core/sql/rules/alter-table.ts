import type { AlterTableCmd, AlterTableStmt, AlterTableType, Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { ObjectKind } from '../classification.ts';
import { change, combine, type Effect, lock, type StatementEffect } from '../effect.ts';
import { nameOfRange, type SqlName } from '../sql-name.ts';
import { addColumn } from './add-column.ts';
import { addConstraint } from './add-constraint.ts';
import { columnType } from './alter-column-type.ts';
import { type AlterTableCommand, COMMANDS } from './alter-table-commands.ts';
import { withChildren } from './children.ts';
import { dropColumn, dropConstraint, validateConstraint } from './constraint.ts';
import { notNullScan } from './not-null.ts';
import { attachPartition, detachPartition } from './partition.ts';
import { moveTo, rewriteOf } from './relation-effect.ts';

/** ALTER TABLE, INDEX, VIEW, SEQUENCE and composite TYPE: one effect per sub-command, combined. */
export function alterTable(node: AlterTableStmt, context: ClassifyContext): StatementEffect {
  const target: Target = {
    relation: nameOfRange(node.relation),
    kind: KINDS[node.objtype ?? 'OBJECT_TABLE'] ?? 'table',
    dropped: [],
  };
  const commands = (node.cmds ?? []).flatMap((command) =>
    'AlterTableCmd' in command ? [command.AlterTableCmd] : [],
  );
  const dropped = commands.flatMap(({ subtype, name }) =>
    subtype === 'AT_DropConstraint' && name !== undefined ? [name] : [],
  );
  const recurses = node.relation?.inh === true;
  const effect = combine(
    commands.map((each) => {
      const alone = command({ ...target, dropped }, each, context);
      const spreads = recurses && !ALONE.has(each.subtype ?? 'AT_AddColumn');
      return spreads ? withChildren(alone, target.relation, context) : alone;
    }),
  );
  const altered = change('alter', target.kind, target.relation);
  return {
    ...effect,
    statementKind: statementKindOf(target, commands),
    subcommands: commands.map(({ subtype }) => COMMANDS[subtype ?? 'AT_AddColumn'].name),
    objects: [altered, ...(effect.objects ?? [])],
  };
}

/** Sub-commands that leave partitions and inheriting tables as they are. */
const ALONE: ReadonlySet<AlterTableType> = new Set<AlterTableType>([
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_DetachPartitionFinalize',
  'AT_AddInherit',
  'AT_DropInherit',
  'AT_ChangeOwner',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
  'AT_ReplicaIdentity',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_SetTableSpace',
  'AT_SetAccessMethod',
  'AT_SetLogged',
  'AT_SetUnLogged',
]);

interface Target {
  readonly relation: SqlName;
  readonly kind: ObjectKind;
  /** Names of the constraints that the statement drops. */
  readonly dropped: readonly string[];
}

const KINDS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_INDEX: 'index',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized-view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TYPE: 'type',
};

/** Statements that are an operation of their own carry its name. */
function statementKindOf(target: Target, commands: readonly AlterTableCmd[]): string {
  const [first, second] = commands;
  if (second === undefined && target.kind === 'table') {
    switch (first?.subtype) {
      case 'AT_ValidateConstraint':
        return 'validate-constraint';
      case 'AT_AttachPartition':
        return 'attach-partition';
      case 'AT_DetachPartition':
        return isConcurrent(first) ? 'detach-partition-concurrently' : 'detach-partition';
      case 'AT_DetachPartitionFinalize':
        return 'detach-partition-finalize';
    }
  }
  return `alter-${target.kind}`;
}

function command(target: Target, cmd: AlterTableCmd, context: ClassifyContext): Effect {
  const { relation: table, dropped } = target;
  const { name = '', def, subtype = 'AT_AddColumn' } = cmd;
  const { mode, breaks } = ofView(target, COMMANDS[subtype]);
  const own: Effect = { locks: [lock(table, mode, COMMANDS[subtype].name)], breaks };
  switch (subtype) {
    case 'AT_AddColumn':
      return def !== undefined && 'ColumnDef' in def
        ? combine([own, addColumn(table, def.ColumnDef, context)])
        : { opaque: true };
    case 'AT_AlterColumnType':
      return def !== undefined && 'ColumnDef' in def
        ? combine([own, columnType(table, name, def.ColumnDef, context)])
        : { opaque: true };
    case 'AT_AddConstraint':
      // The lock depends on the kind of constraint: it is part of that effect.
      return def !== undefined && 'Constraint' in def
        ? addConstraint(table, def.Constraint, context)
        : { opaque: true };
    case 'AT_DropColumn':
      return combine([own, dropColumn(table, cmd, context)]);
    case 'AT_DropConstraint':
      return combine([own, dropConstraint(table, cmd, context)]);
    case 'AT_ValidateConstraint':
      return combine([{ ...own, online: true }, validateConstraint(table, name, context)]);
    case 'AT_SetNotNull':
      return combine([own, notNullScan(table, name, context, dropped)]);
    case 'AT_AttachPartition':
      return combine([own, attachPartition(target, cmd, context)]);
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return detachPartition(table, cmd, context);
    case 'AT_AddInherit':
    case 'AT_DropInherit':
      return combine([own, inheritance(def)]);
    case 'AT_SetTableSpace':
      return combine([own, moveTo(context, table, name)]);
    case 'AT_ClusterOn':
      return combine([
        own,
        { locks: [lock({ ...table, name }, mode, 'the table is clustered on it')] },
      ]);
    default:
      return combine([own, ...rewritesOf(subtype, table, context)]);
  }
}

function rewritesOf(
  subtype: AlterTableType,
  table: SqlName,
  context: ClassifyContext,
): readonly Effect[] {
  const { rewrites } = COMMANDS[subtype];
  return rewrites === undefined ? [] : [rewriteOf(context, table, rewrites)];
}

/** Options of a view change how it is planned, so nobody may be using it. */
function ofView(target: Target, known: AlterTableCommand): AlterTableCommand {
  return target.kind === 'view' ? { ...known, mode: 'AccessExclusiveLock' } : known;
}

function inheritance(parent: Node | undefined): Effect {
  if (parent === undefined || !('RangeVar' in parent)) return { opaque: true };
  const relation = nameOfRange(parent.RangeVar);
  return { locks: [lock(relation, 'ShareUpdateExclusiveLock', 'its inheriting tables change')] };
}

function isConcurrent({ def }: AlterTableCmd): boolean {
  return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true;
}
