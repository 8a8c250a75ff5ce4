import type { ColumnDef, Constraint } from 'libpg-query';
import { earlierType } from '../sql/earlier.ts';
import { isSerial, pgTypeOf } from '../sql/pg-type.ts';
import { quoteName, type SqlName, writeName } from '../sql/sql-name.ts';
import { volatilityOf } from '../sql/volatility.ts';
import { addedColumn, alterCommands } from './alter-commands.ts';
import { type Examined, type Finding, finding, type Severity } from './finding.ts';

/** ADD COLUMN that does more than change the catalog. */
export function columnHazards(examined: Examined): readonly Finding[] {
  const { table, commands } = alterCommands(examined);
  return commands.flatMap((command) => {
    const added = addedColumn(command);
    if (added === undefined) return [];
    const { column, constraints } = added;
    const add = `alter table ${writeName(table)} add column ${quoteName(column.colname ?? '')}`;
    const found = (rule: string, severity: Severity, message: string, safer: string) =>
      finding(examined, rule, severity, `${add.slice('alter table '.length)}: ${message}`, safer);
    return [
      ...generatedValues(column, constraints, found),
      ...volatileDefault(constraints, examined, found),
      ...constrainedDomain(column, examined, found),
      ...missingDefault(column, constraints, found),
      ...inlineConstraints(table, constraints, found),
    ];
  });
}

type Found = (rule: string, severity: Severity, message: string, safer: string) => Finding;

function generatedValues(
  column: ColumnDef,
  constraints: readonly Constraint[],
  found: Found,
): readonly Finding[] {
  const isIdentity = constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY');
  if (isSerial(pgTypeOf(column.typeName).name) || isIdentity) {
    return [
      found(
        'add-column-serial',
        'error',
        'every row gets a number, so the table is written anew while nobody can use it',
        'add a nullable column, give it a sequence default, backfill the old rows, then set NOT NULL',
      ),
    ];
  }
  const stored = constraints.some(
    ({ contype, generated_kind }) => contype === 'CONSTR_GENERATED' && generated_kind !== 'v',
  );
  return stored
    ? [
        found(
          'add-generated-stored',
          'error',
          'every row stores its value, so the table is written anew while nobody can use it',
          'add a plain column, keep it with a trigger and backfill it; on version 18 GENERATED ... VIRTUAL stores nothing',
        ),
      ]
    : [];
}

function volatileDefault(
  constraints: readonly Constraint[],
  { target }: Examined,
  found: Found,
): readonly Finding[] {
  const value = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const volatility = value === undefined ? 'stable' : volatilityOf(value, target);
  if (volatility === 'stable') return [];
  const message =
    volatility === 'volatile'
      ? 'its default differs from row to row, so the table is written anew while nobody can use it'
      : 'its default calls a function that may be volatile; then the table is written anew';
  return [
    found(
      'add-column-volatile-default',
      volatility === 'volatile' ? 'error' : 'warning',
      message,
      'add the column without a default, set the default in the next statement, backfill the old rows',
    ),
  ];
}

function constrainedDomain(
  column: ColumnDef,
  { target }: Examined,
  found: Found,
): readonly Finding[] {
  const { name } = pgTypeOf(column.typeName);
  const known = earlierType(target, name) ?? target.catalog?.type(name);
  return known?.constrained === true
    ? [
        found(
          'add-column-constrained-domain',
          'warning',
          'its type is a domain with constraints, so the table is written anew even without a default',
          'use the base type and a CHECK constraint that is added NOT VALID and validated later',
        ),
      ]
    : [];
}

function missingDefault(
  column: ColumnDef,
  constraints: readonly Constraint[],
  found: Found,
): readonly Finding[] {
  const has = (type: string) => constraints.some(({ contype }) => contype === type);
  const filled =
    has('CONSTR_DEFAULT') ||
    has('CONSTR_IDENTITY') ||
    has('CONSTR_GENERATED') ||
    isSerial(pgTypeOf(column.typeName).name);
  return has('CONSTR_NOTNULL') && !filled
    ? [
        found(
          'add-column-not-null-no-default',
          'error',
          'it is NOT NULL without a default: it fails when there are rows, and inserts of the old application fail',
          'add it nullable, backfill it, and set NOT NULL after the new application writes it',
        ),
      ]
    : [];
}

const INLINE: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'CHECK reads every row',
  CONSTR_UNIQUE: 'UNIQUE builds an index over every row',
  CONSTR_PRIMARY: 'PRIMARY KEY builds an index over every row',
  CONSTR_FOREIGN: 'REFERENCES also locks the referenced table',
};

function inlineConstraints(
  table: SqlName,
  constraints: readonly Constraint[],
  found: Found,
): readonly Finding[] {
  return constraints.flatMap(({ contype = 'CONSTR_NULL' }) => {
    const why = INLINE[contype];
    return why === undefined
      ? []
      : [
          found(
            'add-column-inline-constraint',
            'error',
            `${why}, under a lock that stops all use of ${writeName(table)}`,
            'add the column alone, then the constraint in a statement of its own: NOT VALID and VALIDATE, or a concurrent unique index and USING INDEX',
          ),
        ];
  });
}
