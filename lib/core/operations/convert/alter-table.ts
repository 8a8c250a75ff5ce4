import type { AlterTableCmd, AlterTableStmt } from 'libpg-query';
import { nameOfRange, type SqlName } from '../../sql/sql-name.ts';
import { convertColumnCommand } from './alter-column.ts';
import { tableConstraintOf } from './constraint.ts';
import {
  type Conversion,
  type ConvertContext,
  type ConvertedOperation,
  converted,
  ifExists,
  noOperation,
  refused,
  relationText,
} from './conversion.ts';
import { convertPartitionCommand } from './partition.ts';
import type { SqlText } from './sql-text.ts';

/** One command of ALTER TABLE. */
export interface TableCommand {
  readonly command: AlterTableCmd;
  readonly table: SqlName;
  /** The text of the command alone; of the first one with what stands before it. */
  readonly sql: SqlText;
}

/** ALTER TABLE: each command becomes an operation of its own, in their order. */
export function convertAlterTable(node: AlterTableStmt, { sql }: ConvertContext): Conversion {
  if (node.objtype !== 'OBJECT_TABLE') return noOperation('only tables have operations');
  const table = nameOfRange(node.relation);
  const texts = sql.parts();
  const operations: ConvertedOperation[] = [];
  for (const [index, each] of (node.cmds ?? []).entries()) {
    const text = texts[index];
    if (!('AlterTableCmd' in each) || text === undefined) {
      return noOperation('its commands cannot be told apart');
    }
    const conversion = convertCommand({ command: each.AlterTableCmd, table, sql: text });
    if (conversion.kind !== 'converted') return conversion;
    operations.push(...conversion.operations);
  }
  return { kind: 'converted', operations };
}

function convertCommand(command: TableCommand): Conversion {
  return (
    convertColumnCommand(command) ??
    convertPartitionCommand(command) ??
    convertConstraintCommand(command) ??
    noOperation(`${words(command.command.subtype)} has no operation`)
  );
}

function convertConstraintCommand({ command, table, sql }: TableCommand): Conversion | undefined {
  const name = relationText(table);
  switch (command.subtype) {
    case 'AT_AddConstraint': {
      const { def } = command;
      if (def === undefined || !('Constraint' in def)) return undefined;
      const constraint = tableConstraintOf(def.Constraint, sql, table.name);
      if (constraint.kind === 'refused') return noOperation(constraint.why);
      return converted(
        'create_constraint',
        { table: name, ...constraint.value },
        'no `up`: rows that break it stop the validation; write `up` with a value for each column to mend them',
      );
    }
    case 'AT_ValidateConstraint':
      return refused(
        `VALIDATE CONSTRAINT ${command.name} has no operation of its own`,
        'leave it out: create_constraint adds the constraint NOT VALID and validates it',
      );
    case 'AT_DropConstraint':
      if (command.missing_ok === true) return ifExists();
      return converted(
        'drop_constraint',
        { table: name, name: command.name },
        'no `down`: the old application may read rows that break the constraint; write `down` where it must not',
      );
    default:
      return undefined;
  }
}

const words = (subtype: string | undefined) =>
  (subtype ?? 'it')
    .replace('AT_', '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
