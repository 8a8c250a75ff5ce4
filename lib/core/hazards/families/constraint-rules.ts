import type { AlterTableCmd, Constraint } from 'libpg-query';
import { quoteName, type SqlName, writeName } from '../../sql/sql-name.ts';
import { addedConstraint, alterCommands } from '../alter-commands.ts';
import { notValidThenValidated, throughIndex } from '../constraint-rewrites.ts';
import { always, type Examined, inPhases, type Match, type StatementRule } from '../rule.ts';

/** Constraints that are proven, or taken away, while everybody waits. */
export const CONSTRAINT_RULES: readonly StatementRule[] = [
  {
    id: 'check-without-not-valid',
    severity: always('error'),
    why: 'ADD CHECK reads every row under ACCESS EXCLUSIVE',
    safer: 'add it NOT VALID, then VALIDATE CONSTRAINT in a step of its own',
    source:
      'squawk constraint-missing-not-valid; strong_migrations add_check_constraint; Eugene E1; Atlas PG305; measured',
    find: (examined) =>
      each(examined, 'CONSTR_CHECK', (constraint, table) =>
        constraint.skip_validation === true
          ? undefined
          : {
              message: `every row is checked while nobody can use ${writeName(table)}`,
              work: 'scan',
              saferRewrite: notValidThenValidated(examined, table, constraint),
            },
      ),
  },
  {
    id: 'fk-without-not-valid',
    severity: always('error'),
    why: 'ADD FOREIGN KEY looks every row up while writes to both tables wait (SHARE ROW EXCLUSIVE)',
    safer: 'add it NOT VALID, then VALIDATE CONSTRAINT in a step of its own',
    source:
      'squawk adding-foreign-key-constraint; strong_migrations add_foreign_key; Eugene E1; Atlas PG306; measured',
    find: (examined) =>
      each(examined, 'CONSTR_FOREIGN', (constraint, table) =>
        constraint.skip_validation === true
          ? undefined
          : {
              message: `every row is looked up while nobody can write to ${writeName(table)} or the referenced table`,
              work: 'lookup',
              saferRewrite: notValidThenValidated(examined, table, constraint),
            },
      ),
  },
  {
    id: 'unique-constraint-direct',
    severity: always('error'),
    why: 'ADD UNIQUE builds its index under ACCESS EXCLUSIVE, and fails when there are duplicates',
    safer: 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX',
    source:
      'squawk disallowed-unique-constraint; Eugene E7; Atlas PG105; MigrationPilot MP027; measured',
    find: (examined) =>
      each(examined, 'CONSTR_UNIQUE', (constraint, table) =>
        constraint.indexname === undefined
          ? {
              message: `its index is built while nobody can use ${writeName(table)}`,
              work: 'index',
              saferRewrite: throughIndex(table, constraint, 'unique'),
            }
          : undefined,
      ),
  },
  {
    id: 'primary-key-direct',
    severity: always('error'),
    why: 'ADD PRIMARY KEY builds its index, and looks for NULLs, under ACCESS EXCLUSIVE',
    safer: 'NOT NULL first, CREATE UNIQUE INDEX CONCURRENTLY, then PRIMARY KEY USING INDEX',
    source: 'Atlas PG104; Eugene E7; diesel-guard; measured',
    find: (examined) =>
      each(examined, 'CONSTR_PRIMARY', (constraint, table) =>
        constraint.indexname === undefined
          ? {
              message: `its index is built while nobody can use ${writeName(table)}`,
              work: 'index',
              saferRewrite: throughIndex(table, constraint, 'primary key'),
            }
          : undefined,
      ),
  },
  {
    id: 'pk-using-index-nullable',
    severity: always('error'),
    why: 'PRIMARY KEY USING INDEX sets NOT NULL on columns that may be NULL, which reads every row under ACCESS EXCLUSIVE',
    safer: 'make the columns NOT NULL first, proven by a validated CHECK (column IS NOT NULL)',
    source: 'Eugene W14; Atlas PG304; measured',
    find: (examined) =>
      each(examined, 'CONSTR_PRIMARY', (constraint) => {
        const [scan] = examined.classification.scans;
        if (constraint.indexname === undefined || scan === undefined) return undefined;
        return {
          message: 'a column of the index may be NULL, so every row is checked',
          work: 'scan',
          ...(scan.certainty === 'unknown' ? { severity: 'warning' as const } : {}),
        };
      }),
  },
  {
    id: 'exclusion-constraint',
    severity: always('error'),
    why: 'its index is built under ACCESS EXCLUSIVE, and there is no way to build it concurrently',
    safer: 'a new table with the constraint, kept in sync and filled by a backfill',
    source: 'strong_migrations add_exclusion_constraint; Eugene E8; MigrationPilot MP031; measured',
    find: (examined) =>
      each(examined, 'CONSTR_EXCLUSION', (_, table) => ({
        message: `its index is built while nobody can use ${writeName(table)}`,
        work: 'index',
      })),
  },
  {
    id: 'unnamed-constraint',
    severity: always('info'),
    why: 'PostgreSQL chooses the name, so that undo, VALIDATE and a later DROP have to guess it',
    safer: 'ADD CONSTRAINT <name>',
    source: 'Bytebase naming rules; PostgreSQL documentation, ALTER TABLE',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      return commands
        .flatMap((command) => addedConstraint(command) ?? [])
        .filter(({ contype = 'CONSTR_NULL' }) => NAMEABLE.has(contype))
        .filter(({ conname, indexname }) => conname === undefined && indexname === undefined)
        .map(() => ({
          message: `a constraint of ${writeName(table)} gets a name that nobody wrote`,
          relation: table,
        }));
    },
  },
  {
    id: 'validate-in-same-statement',
    severity: always('error'),
    why: 'one statement has one set of locks: VALIDATE then reads every row under the strong lock of its neighbours',
    safer: 'VALIDATE CONSTRAINT in a statement, and a transaction, of its own',
    source: 'Eugene E4; pgfence; measured: the strong lock is kept during the scan',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      const validates = commands.filter(isValidate);
      return validates.length > 0 && validates.length < commands.length
        ? [
            {
              message: `every row of ${writeName(table)} is read under the lock of the other commands`,
              relation: table,
              work: 'scan',
            },
          ]
        : [];
    },
  },
  {
    id: 'drop-fk-locks-parent',
    // The runner drops it in a transaction of its own, with a short lock_timeout and retries.
    severity: inPhases('info', { plain: 'warning' }),
    why: 'a foreign key has triggers on both tables: dropping it takes ACCESS EXCLUSIVE on the referenced one as well',
    safer: 'in a transaction of its own, with a short lock_timeout and retries',
    source:
      'measured; documented by django-pg-zero-downtime-migrations; no linter names the parent',
    find: dropsForeignKey,
  },
];

const NAMEABLE: ReadonlySet<string> = new Set([
  'CONSTR_CHECK',
  'CONSTR_FOREIGN',
  'CONSTR_UNIQUE',
  'CONSTR_PRIMARY',
  'CONSTR_EXCLUSION',
]);

/** A match for each constraint of this kind that is added to a table in use. */
function each(
  examined: Examined,
  type: Constraint['contype'],
  test: (constraint: Constraint, table: SqlName) => Match | undefined,
): readonly Match[] {
  const { table, commands } = alterCommands(examined);
  return commands.flatMap((command) => {
    const constraint = addedConstraint(command);
    if (constraint === undefined || constraint.contype !== type) return [];
    const match = test(constraint, table);
    return match === undefined ? [] : [{ ...match, relation: table }];
  });
}

function isValidate({ subtype }: AlterTableCmd): boolean {
  return subtype === 'AT_ValidateConstraint';
}

function dropsForeignKey(examined: Examined): readonly Match[] {
  const { table, commands } = alterCommands(examined);
  const facts = examined.target.catalog?.relation(table);
  return commands
    .filter(({ subtype }) => subtype === 'AT_DropConstraint')
    .flatMap(({ name }) => {
      const parent = facts?.constraints.find((known) => known.name === name)?.references;
      return parent === undefined || writeName(parent) === writeName(table)
        ? []
        : [
            {
              message: `dropping ${quoteName(name ?? '')} also stops all use of ${writeName(parent)}`,
              relation: parent,
            },
          ];
    });
}
