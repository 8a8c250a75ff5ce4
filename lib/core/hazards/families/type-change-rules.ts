import { type PgType, parsePgType, pgTypeOf, writePgType } from '../../sql/pg-type.ts';
import { quoteName, type SqlName, writeName } from '../../sql/sql-name.ts';
import { needsRewrite } from '../../sql/type-change.ts';
import { alterCommands } from '../alter-commands.ts';
import { always, type Examined, type StatementRule } from '../rule.ts';
import { isNarrower } from '../type-order.ts';

/** ALTER COLUMN TYPE; pairs of types that are stored alike stay silent. */
export const TYPE_CHANGE_RULES: readonly StatementRule[] = [
  {
    id: 'alter-type-rewrite',
    severity: always('error'),
    why: 'the new type is stored differently, so the table and its indexes are written anew under ACCESS EXCLUSIVE',
    safer: 'a column of the new type, kept in sync and backfilled; contract retires the old one',
    source:
      'strong_migrations change_column; squawk changing-column-type; Eugene E5; Atlas PG301; measured: widening varchar and numeric does not rewrite',
    find: (examined) => {
      const { rewrites } = examined.classification;
      if (rewrites === 'no') return [];
      return typeChanges(examined)
        .filter((change) => rewriting(change, examined))
        .map(({ table, column, from }) => ({
          message:
            from === undefined
              ? `${writeName(table)} is written anew, unless ${quoteName(column)} is stored alike already`
              : `${writeName(table)} is written anew while nobody can use it`,
          relation: table,
          work: 'rewrite',
          ...(rewrites === 'unknown' ? { severity: 'warning' as const } : {}),
        }));
    },
  },
  {
    id: 'alter-type-with-check',
    severity: always('warning'),
    why: 'the type is stored alike, but a CHECK on the column is checked again on every row under ACCESS EXCLUSIVE',
    safer: 'drop the CHECK, change the type, add the CHECK again NOT VALID and VALIDATE it',
    source: 'strong_migrations change_column_constraint; measured',
    find: (examined) => {
      const checked = examined.classification.scans.some(({ why }) =>
        why.startsWith('a check constraint'),
      );
      return checked && examined.classification.rewrites === 'no'
        ? typeChanges(examined)
            .slice(0, 1)
            .map(({ table, column }) => ({
              message: `a CHECK on ${quoteName(column)} reads every row of ${writeName(table)} again`,
              relation: table,
              work: 'scan',
            }))
        : [];
    },
  },
  {
    id: 'alter-type-narrowing',
    severity: always('error'),
    why: 'values that do not fit the new type make it fail, or are rounded or cut',
    safer:
      'count the values that do not fit first; a new column and a backfill that says what becomes of them',
    source: 'MigrationPilot MP044; pg-schema-diff DELETES_DATA',
    find: (examined) =>
      typeChanges(examined)
        .filter(({ from, to }) => from !== undefined && isNarrower(from, to))
        .map(({ table, column, from, to }) => ({
          message: `not every ${from === undefined ? 'value' : writePgType(from)} in ${quoteName(column)} is a ${writePgType(to)}`,
          relation: table,
        })),
  },
  {
    id: 'alter-type-view-dependency',
    severity: always('warning'),
    why: 'PostgreSQL refuses to change the type of a column that a view or rule uses',
    safer: 'drop the view, change the type and create the view again, in one transaction',
    source: 'MigrationPilot MP052; measured (0A000)',
    find: (examined) =>
      typeChanges(examined).flatMap(({ table, column }) => {
        const views = examined.activity?.viewsUsing(table, column) ?? [];
        return views.length === 0
          ? []
          : [
              {
                message: `${views.map(writeName).join(', ')} uses ${quoteName(column)}: the statement fails`,
                relation: table,
              },
            ];
      }),
  },
];

interface TypeChange {
  readonly table: SqlName;
  readonly column: string;
  /** Undefined: the catalog does not know. */
  readonly from: PgType | undefined;
  readonly to: PgType;
  readonly using: boolean;
}

function typeChanges(examined: Examined): readonly TypeChange[] {
  const { table, commands } = alterCommands(examined);
  const { catalog, parser } = examined.target;
  const columns = catalog?.relation(table)?.columns ?? [];
  return commands.flatMap(({ subtype, name: column = '', def }) => {
    if (subtype !== 'AT_AlterColumnType' || def === undefined || !('ColumnDef' in def)) return [];
    const known = columns.find(({ name }) => name === column)?.type;
    const from = known === undefined ? undefined : parsePgType(parser, known);
    const using = def.ColumnDef.raw_default !== undefined;
    return [{ table, column, from, to: pgTypeOf(def.ColumnDef.typeName), using }];
  });
}

/** With USING the values are computed; without, the pair of types decides. */
function rewriting({ from, to, using }: TypeChange, { target }: Examined): boolean {
  return from === undefined || using || needsRewrite(from, to, target) !== 'no';
}
