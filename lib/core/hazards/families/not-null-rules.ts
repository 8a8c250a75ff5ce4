import { quoteName, writeName } from '../../sql/sql-name.ts';
import { alterCommands } from '../alter-commands.ts';
import type { SaferRewrite } from '../finding.ts';
import { isProven } from '../not-null-proofs.ts';
import { always, type Examined, inPhases, type Match, type StatementRule, sql } from '../rule.ts';

/** What a column requires of its values, and what it gives them. */
export const NOT_NULL_RULES: readonly StatementRule[] = [
  {
    id: 'set-not-null-scan',
    severity: always('error'),
    why: 'SET NOT NULL reads every row under ACCESS EXCLUSIVE, unless a validated CHECK proves that there is no NULL',
    safer:
      'CHECK (column IS NOT NULL) NOT VALID, VALIDATE, SET NOT NULL, DROP the check: each in a statement of its own',
    source:
      'strong_migrations change_column_null; squawk adding-not-nullable-field; Eugene E2; Atlas PG303; measured',
    find: (examined) => scanning(examined, false),
  },
  {
    id: 'set-not-null-with-dropped-check',
    severity: always('error'),
    why: 'PostgreSQL runs DROP CONSTRAINT first, so the CHECK that would prove SET NOT NULL is gone and every row is read after all',
    safer: 'SET NOT NULL, then DROP CONSTRAINT in another statement',
    source: 'measured; no other linter',
    find: (examined) => scanning(examined, true),
  },
  {
    id: 'drop-not-null',
    severity: inPhases('warning', { contract: 'silent', finalize: 'silent' }),
    why: 'readers that were written for a column without NULL may meet one',
    safer: 'deploy readers that expect NULL first',
    source: 'squawk ban-drop-not-null; MigrationPilot MP029',
    find: (examined) =>
      commandsOf(examined, 'AT_DropNotNull').map(({ table, column }) => ({
        message: `${writeName(table)}.${quoteName(column)} may be NULL from now on`,
        relation: table,
      })),
  },
  {
    id: 'change-default',
    severity: inPhases('info', { contract: 'silent', finalize: 'silent' }),
    why: 'applications that read the default once and write it themselves keep writing the old one until they start again',
    safer: 'deploy an application that leaves the column out, then change the default',
    source: 'strong_migrations change_column_default; PostgreSQL documentation, ALTER TABLE',
    find: (examined) =>
      commandsOf(examined, 'AT_ColumnDefault')
        .filter(({ hasDefinition }) => hasDefinition)
        .map(({ table, column }) => ({
          message: `new rows get another ${writeName(table)}.${quoteName(column)}, the old ones keep theirs`,
          relation: table,
        })),
  },
];

function commandsOf(examined: Examined, wanted: string) {
  const { table, commands } = alterCommands(examined);
  return commands
    .filter(({ subtype }) => subtype === wanted)
    .map(({ name = '', def }) => ({ table, column: name, hasDefinition: def !== undefined }));
}

/** @param dropping whether the same statement drops a constraint that it could have used */
function scanning(examined: Examined, dropping: boolean): readonly Match[] {
  const { table, commands } = alterCommands(examined);
  const dropped = commands.flatMap(({ subtype, name }) =>
    subtype === 'AT_DropConstraint' && name !== undefined ? [name] : [],
  );
  const proofs = (examined.proofs ?? []).filter(({ constraint }) => !dropped.includes(constraint));
  return commands
    .filter(({ subtype }) => subtype === 'AT_SetNotNull')
    .filter(({ name = '' }) =>
      examined.classification.scans.some(({ why }) => why.includes(`NULL in ${name}`)),
    )
    .filter(({ name = '' }) => !isProven(proofs, table, name))
    .filter(() => dropped.length > 0 === dropping)
    .map(({ name = '' }) => ({
      message: `every row is checked for NULL in ${quoteName(name)} while nobody can use ${writeName(table)}`,
      relation: table,
      work: 'scan',
      saferRewrite: dropping ? apart(examined, dropped) : proven(examined, name),
    }));
}

function apart(examined: Examined, dropped: readonly string[]): SaferRewrite {
  const { table, commands } = alterCommands(examined);
  const alter = `alter table ${writeName(table)}`;
  const set = commands.flatMap(({ subtype, name = '' }) =>
    subtype === 'AT_SetNotNull' ? [`${alter} alter column ${quoteName(name)} set not null`] : [],
  );
  return sql(...set, ...dropped.map((name) => `${alter} drop constraint ${quoteName(name)}`));
}

/** Version 18 adds the NOT NULL itself without reading, and proves it under a weak lock. */
function proven(examined: Examined, column: string): SaferRewrite {
  const { table } = alterCommands(examined);
  const alter = `alter table ${writeName(table)}`;
  const name = quoteName(`${table.name}_${column}_not_null`);
  const quoted = quoteName(column);
  if (examined.target.serverVersion >= 18) {
    return sql(
      `${alter} add constraint ${name} not null ${quoted} not valid`,
      `${alter} validate constraint ${name}`,
    );
  }
  return sql(
    `${alter} add constraint ${name} check (${quoted} is not null) not valid`,
    `${alter} validate constraint ${name}`,
    `${alter} alter column ${quoted} set not null`,
    `${alter} drop constraint ${name}`,
  );
}
