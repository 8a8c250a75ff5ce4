import { writeName } from '../../sql/sql-name.ts';
import { type ForeignKey, foreignKeysOf, indexedColumns, typeOfColumn } from '../foreign-keys.ts';
import { always, type Script, type ScriptRule } from '../rule.ts';

/** What a foreign key needs besides itself. */
export const FOREIGN_KEY_RULES: readonly ScriptRule[] = [
  {
    id: 'fk-missing-index',
    severity: always('warning'),
    why: 'without an index on the referencing columns, deleting or changing a referenced row reads the whole table and locks meanwhile',
    safer: 'CREATE INDEX CONCURRENTLY on the columns first',
    source: 'Eugene E15; MigrationPilot MP016; pgfence',
    findInScript: (script) =>
      keysIn(script)
        .filter(({ key }) => key.columns.length > 0)
        .filter(({ key }) => {
          const [first] = key.columns;
          const known = indexedColumns(script.statements, key.table);
          return known !== undefined && !known.some((columns) => columns[0] === first);
        })
        .map(({ at, key }) => ({
          at,
          relation: key.table,
          message: `no index of ${writeName(key.table)} begins with ${key.columns.join(', ')}`,
        })),
  },
  {
    id: 'fk-type-mismatch',
    severity: always('warning'),
    why: 'columns of different types are compared through a cast, which an index may not serve, and the narrower one runs out first',
    safer: 'the type of the referenced column',
    source: 'Online Migrations mismatched_foreign_key_type',
    findInScript: (script) =>
      keysIn(script).flatMap(({ at, key }) =>
        key.columns.flatMap((column, position) => {
          const other = key.referencedColumns[position];
          const own = typeOfColumn(script.statements, key.table, column);
          const theirs =
            other === undefined
              ? undefined
              : typeOfColumn(script.statements, key.referenced, other);
          return own === undefined || theirs === undefined || own === theirs
            ? []
            : [
                {
                  at,
                  relation: key.table,
                  message: `${column} is ${own}, and ${writeName(key.referenced)}.${other} is ${theirs}`,
                },
              ];
        }),
      ),
  },
];

function keysIn({ statements }: Script): readonly { at: number; key: ForeignKey }[] {
  return statements.flatMap((examined, at) =>
    foreignKeysOf(examined, statements).map((key) => ({ at, key })),
  );
}
