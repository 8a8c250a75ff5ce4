import type { ColumnDef, Constraint } from 'libpg-query';
import { earlierType, isEarlier } from '../../sql/earlier.ts';
import { isBuiltIn, isSerial, pgTypeOf } from '../../sql/pg-type.ts';
import { nameOfRange, quoteName, type SqlName, writeName } from '../../sql/sql-name.ts';
import { volatilityOf } from '../../sql/volatility.ts';
import { addedColumn, alterCommands } from '../alter-commands.ts';
import { always, type Examined, type Match, type StatementRule } from '../rule.ts';

/** ADD COLUMN that does more than change the catalog. */
export const ADD_COLUMN_RULES: readonly StatementRule[] = [
  {
    id: 'add-column-volatile-default',
    severity: always('error'),
    why: 'a default that differs from row to row must be stored in each row: the table is written anew under ACCESS EXCLUSIVE',
    safer:
      'add the column without a default, set the default in a statement of its own, backfill the old rows',
    source:
      'strong_migrations add_column_default; squawk adding-field-with-default; Atlas PG302; measured: now() and constants do not rewrite',
    find: (examined) =>
      added(examined, ({ constraints }) => {
        const value = withType(constraints, 'CONSTR_DEFAULT')?.raw_expr;
        const volatility = value === undefined ? 'stable' : volatilityOf(value, examined.target);
        if (volatility === 'stable') return undefined;
        return volatility === 'volatile'
          ? { message: 'its default differs from row to row', work: 'rewrite' }
          : {
              message: 'its default calls a function that may be volatile',
              work: 'rewrite',
              severity: 'warning',
            };
      }),
  },
  {
    id: 'add-column-serial',
    severity: always('error'),
    why: 'every existing row gets a number, so the table is written anew under ACCESS EXCLUSIVE',
    safer:
      'add a nullable column, create a sequence and set nextval() as default in statements of their own, backfill, then set NOT NULL',
    source:
      'strong_migrations add_column_auto_incrementing; squawk adding-serial-primary-key-field; Eugene E11; measured',
    find: (examined) =>
      added(examined, ({ column, constraints }) =>
        isSerial(pgTypeOf(column.typeName).name) || has(constraints, 'CONSTR_IDENTITY')
          ? { message: 'every row gets a number', work: 'rewrite' }
          : undefined,
      ),
  },
  {
    id: 'add-generated-stored',
    severity: always('error'),
    why: 'every existing row stores its value, so the table is written anew under ACCESS EXCLUSIVE',
    safer:
      'a plain column that a trigger keeps and a backfill fills; on version 18 GENERATED ... VIRTUAL stores nothing',
    source:
      'strong_migrations add_column_generated_stored; Eugene E11; MigrationPilot MP062; measured',
    find: (examined) =>
      added(examined, ({ constraints }) => {
        const generated = withType(constraints, 'CONSTR_GENERATED');
        return generated !== undefined && generated.generated_kind !== 'v'
          ? { message: 'every row stores its generated value', work: 'rewrite' }
          : undefined;
      }),
  },
  {
    id: 'add-column-constrained-domain',
    severity: always('error'),
    why: 'a column whose type is a domain with constraints makes PostgreSQL write the table anew, even without a default',
    safer:
      'the base type, and a CHECK constraint added NOT VALID and validated in a step of its own',
    source: 'measured; squawk ban-create-domain-with-constraint and MP043 know the domain only',
    find: (examined) =>
      added(examined, ({ column }) => {
        const { name } = pgTypeOf(column.typeName);
        if (isBuiltIn(name) || isSerial(name)) return undefined;
        const { target } = examined;
        const type = earlierType(target, name) ?? target.catalog?.type(name);
        const what = writeName(name);
        if (type?.constrained === true) {
          return { message: `${what} is a domain with constraints`, work: 'rewrite' };
        }
        return type === undefined
          ? {
              message: `nobody knows ${what}: a rewrite, if it is a domain with constraints`,
              work: 'rewrite',
              severity: 'info',
            }
          : undefined;
      }),
  },
  {
    id: 'add-column-not-null-no-default',
    severity: always('error'),
    why: 'it fails when there are rows, and inserts of the old application, which do not know the column, fail',
    safer: 'add it nullable, backfill it, and set NOT NULL after the new application writes it',
    source: 'squawk adding-required-field; Atlas MF103; MigrationPilot MP084; measured (23502)',
    find: (examined) =>
      added(examined, ({ column, constraints }) =>
        has(constraints, 'CONSTR_NOTNULL') &&
        !FILLED.some((type) => has(constraints, type)) &&
        !isSerial(pgTypeOf(column.typeName).name)
          ? { message: 'it is NOT NULL without a default' }
          : undefined,
      ),
  },
  {
    id: 'add-column-inline-check',
    severity: always('error'),
    why: 'a CHECK inside ADD COLUMN reads every row under ACCESS EXCLUSIVE, although all of them have the same value',
    safer: 'the column alone, then the CHECK: NOT VALID, and VALIDATE in a step of its own',
    source: 'Eugene E1; measured',
    find: (examined) =>
      added(examined, ({ constraints }) =>
        has(constraints, 'CONSTR_CHECK')
          ? { message: 'its CHECK reads every row', work: 'scan' }
          : undefined,
      ),
  },
  {
    id: 'add-column-inline-unique',
    severity: always('error'),
    why: 'UNIQUE or PRIMARY KEY inside ADD COLUMN builds its index over every row under ACCESS EXCLUSIVE',
    safer: 'the column alone, a unique index CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX',
    source: 'Eugene E7; pgfence; measured',
    find: (examined) =>
      added(examined, ({ constraints }) =>
        has(constraints, 'CONSTR_UNIQUE') || has(constraints, 'CONSTR_PRIMARY')
          ? { message: 'a unique index is built over every row', work: 'index' }
          : undefined,
      ),
  },
  {
    id: 'add-column-inline-fk',
    severity: always('error'),
    why: 'REFERENCES inside ADD COLUMN also locks the referenced table against writes, and with a default looks every row up',
    safer: 'the column alone, then the foreign key: NOT VALID, and VALIDATE in a step of its own',
    source:
      'strong_migrations add_reference; pgfence; measured: SHARE ROW EXCLUSIVE on both tables',
    find: (examined) =>
      added(examined, ({ constraints }) => {
        const key = withType(constraints, 'CONSTR_FOREIGN');
        if (key === undefined) return undefined;
        const other = writeName(nameOfRange(key.pktable));
        return has(constraints, 'CONSTR_DEFAULT')
          ? { message: `every row is looked up in ${other}`, work: 'lookup' }
          : {
              message: `writes to ${other} wait as well, for a moment`,
              severity: 'warning',
            };
      }),
  },
];

const FILLED = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'] as const;

interface Added {
  readonly column: ColumnDef;
  readonly constraints: readonly Constraint[];
}

/** A match for each column that ADD COLUMN adds to a table in use, and that the test is about. */
function added(examined: Examined, test: (column: Added) => Match | undefined): readonly Match[] {
  const { table, commands } = alterCommands(examined);
  if (isEarlier(examined.target, table)) return [];
  return commands.flatMap((command) => {
    const column = addedColumn(command);
    const match = column === undefined ? undefined : test(column);
    return match === undefined ? [] : [about(table, column?.column, match)];
  });
}

function about(table: SqlName, column: ColumnDef | undefined, match: Match): Match {
  const name = quoteName(column?.colname ?? '');
  return { ...match, relation: table, message: `column ${name}: ${match.message}` };
}

function withType(constraints: readonly Constraint[], type: Constraint['contype']) {
  return constraints.find(({ contype }) => contype === type);
}

function has(constraints: readonly Constraint[], type: Constraint['contype']): boolean {
  return withType(constraints, type) !== undefined;
}
