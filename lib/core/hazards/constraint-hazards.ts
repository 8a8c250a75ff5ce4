import type { AlterTableCmd, Constraint } from 'libpg-query';
import { quoteName, type SqlName, writeName } from '../sql/sql-name.ts';
import { addedConstraint, alterCommands } from './alter-commands.ts';
import { type Examined, type Finding, finding } from './finding.ts';

/** Constraints that are proven while everybody waits. */
export function constraintHazards(examined: Examined): readonly Finding[] {
  const { table, commands } = alterCommands(examined);
  return [
    ...commands.flatMap((command) => {
      const constraint = addedConstraint(command);
      return constraint === undefined ? [] : added(examined, table, constraint);
    }),
    ...commands.flatMap((command) => notNull(examined, table, command)),
    ...validatedAtOnce(examined, commands),
  ];
}

function added(examined: Examined, table: SqlName, constraint: Constraint): readonly Finding[] {
  const proven = constraint.skip_validation === true;
  const name = quoteName(constraint.conname ?? '<name>');
  const twoSteps = `add it NOT VALID, then in a step of its own: alter table ${writeName(table)} validate constraint ${name}`;
  const error = (rule: string, message: string, safer: string) => [
    finding(examined, rule, 'error', message, safer),
  ];
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return proven
        ? []
        : error(
            'check-without-not-valid',
            'every row is checked while nobody can use the table',
            twoSteps,
          );
    case 'CONSTR_FOREIGN':
      return proven
        ? []
        : error(
            'fk-without-not-valid',
            'every row is looked up while nobody can write to either table',
            twoSteps,
          );
    case 'CONSTR_UNIQUE':
      return constraint.indexname === undefined
        ? error(
            'unique-constraint-direct',
            'its index is built while nobody can use the table',
            usingIndex(table, 'unique'),
          )
        : [];
    case 'CONSTR_PRIMARY':
      if (constraint.indexname === undefined) {
        const message = 'its index is built while nobody can use the table';
        return error('primary-key-direct', message, usingIndex(table, 'primary key'));
      }
      return examined.classification.scans.length === 0
        ? []
        : error(
            'pk-using-index-nullable',
            'a column of the index may be NULL, so every row is checked while nobody can use the table',
            'make the columns NOT NULL first, by a validated CHECK (column IS NOT NULL)',
          );
    case 'CONSTR_EXCLUSION':
      return error(
        'exclusion-constraint',
        'its index is built while nobody can use the table, and it cannot be built concurrently',
        'create a new table with the constraint and move the rows by a backfill',
      );
    default:
      return [];
  }
}

function usingIndex(table: SqlName, kind: string): string {
  return `create unique index concurrently <index> on ${writeName(table)} (...); then alter table ${writeName(table)} add constraint <name> ${kind} using index <index>`;
}

function notNull(
  examined: Examined,
  table: SqlName,
  { subtype, name = '' }: AlterTableCmd,
): readonly Finding[] {
  const scanned = examined.classification.scans.some(({ why }) => why.includes(`NULL in ${name}`));
  if (subtype !== 'AT_SetNotNull' || !scanned) return [];
  const column = quoteName(name);
  const safer = `alter table ${writeName(table)} add constraint <name> check (${column} is not null) not valid; validate it in a step of its own; set not null; then drop the check in another statement`;
  const message = `every row is checked for NULL in ${column} while nobody can use the table`;
  return [finding(examined, 'set-not-null-scan', 'error', message, safer)];
}

/** One statement has one set of locks: the scan of VALIDATE then runs under the strong one. */
function validatedAtOnce(
  examined: Examined,
  commands: readonly AlterTableCmd[],
): readonly Finding[] {
  const validates = commands.some(({ subtype }) => subtype === 'AT_ValidateConstraint');
  const others = commands.some(({ subtype }) => subtype !== 'AT_ValidateConstraint');
  const message = 'VALIDATE reads every row under the strong lock of the other commands';
  return validates && others
    ? [
        finding(
          examined,
          'validate-in-same-statement',
          'error',
          message,
          'validate in a step of its own',
        ),
      ]
    : [];
}
