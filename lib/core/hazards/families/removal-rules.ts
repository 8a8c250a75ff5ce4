import { isEarlier } from '../../sql/earlier.ts';
import { quoteName, type SqlName, writeName } from '../../sql/sql-name.ts';
import { alterCommands } from '../alter-commands.ts';
import {
  always,
  type Examined,
  inPhases,
  type Match,
  type StatementRule,
  sql,
  steps,
  whileOldApplicationRuns,
} from '../rule.ts';

/** What the old application still needs, and data that would be gone. */
export const REMOVAL_RULES: readonly StatementRule[] = [
  {
    id: 'drop-column',
    severity: whileOldApplicationRuns('warning'),
    why: 'queries of the running application that name the column fail, and its values are gone: only a restored snapshot has them',
    safer: 'rename it in contract, so that it can come back, and drop it in finalize',
    source:
      'strong_migrations remove_column; squawk ban-drop-column; Atlas DS103; MigrationPilot MP017',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      return commands
        .filter(({ subtype }) => subtype === 'AT_DropColumn')
        .map(({ name = '' }) => ({
          message: `${writeName(table)}.${quoteName(name)} and its values are gone`,
          relation: table,
          saferRewrite: sql(
            `alter table ${writeName(table)} rename column ${quoteName(name)} to ${quoteName(`${name}_lk_old`)}`,
          ),
        }));
    },
  },
  {
    id: 'drop-table',
    severity: whileOldApplicationRuns('warning'),
    why: 'queries of the running application fail, and all rows are gone: only a restored snapshot has them',
    safer: 'rename it in contract, so that it can come back, and drop it in finalize',
    source:
      'squawk ban-drop-table; Atlas DS102; MigrationPilot MP022, MP026, MP034, MP035; pg-schema-diff DELETES_DATA',
    find: (examined) =>
      dropped(examined, 'table').map((table) => ({
        message: `${writeName(table)} and all its rows are gone`,
        relation: table,
        saferRewrite: sql(
          `alter table ${writeName(table)} rename to ${quoteName(`${table.name}_lk_old`)}`,
        ),
      })),
  },
  {
    id: 'drop-schema',
    severity: whileOldApplicationRuns('error'),
    why: 'everything in it is gone, whatever its name',
    safer: 'drop what is in it one by one, in finalize, and the empty schema last',
    source: 'squawk ban-drop-database; Atlas DS101; MigrationPilot MP022, MP026, MP034, MP035',
    find: ({ classification }) =>
      WHOLESALE.has(classification.statementKind)
        ? [{ message: `${classification.destructive.map(({ what }) => what).join(', ')} is gone` }]
        : [],
  },
  {
    id: 'drop-object',
    severity: whileOldApplicationRuns('warning'),
    why: 'the running application may call, read or rely on it',
    safer: 'drop it in finalize, when nothing that used it runs any more',
    source:
      'MigrationPilot MP022, MP026, MP034, MP035; pg-schema-diff HAS_UNTRACKABLE_DEPENDENCIES; Bytebase',
    find: ({ classification }) =>
      !OWN_RULE.has(classification.statementKind) &&
      classification.statementKind.startsWith('drop-') &&
      classification.breaksOldApplication !== undefined
        ? [{ message: classification.breaksOldApplication }]
        : [],
  },
  {
    id: 'drop-cascade',
    severity: inPhases('error', { finalize: 'warning' }),
    why: 'CASCADE also drops what nobody named: views, foreign keys, columns of other tables',
    safer: 'drop what depends on it by name first, each with its own undo',
    source: 'squawk ban-truncate-cascade; MigrationPilot MP022, MP026, MP034, MP035; Bytebase',
    find: ({ classification, target }) => {
      const { destructive, statementKind, objects } = classification;
      const own = objects.every(({ table, schema, name = '' }) =>
        isEarlier(target, table ?? { schema, name }),
      );
      return destructive.some(({ cascade }) => cascade) && !(own && objects.length > 0)
        ? [
            {
              message: `${statementKind === 'truncate' ? 'every table that references it is emptied' : 'what depends on it is dropped'} as well`,
            },
          ]
        : [];
    },
  },
  {
    id: 'drop-table-many-fks',
    severity: always('warning'),
    why: 'dropping a table takes ACCESS EXCLUSIVE on every table that its foreign keys connect, all at once',
    safer: 'drop the foreign keys first, each in a transaction of its own',
    source: 'safe-pg-migrations; Online Migrations drop_table_multiple_foreign_keys; measured',
    find: manyForeignKeys,
  },
  {
    id: 'drop-key',
    severity: inPhases('error', { contract: 'warning', finalize: 'silent' }),
    why: 'ON CONFLICT of the running application and foreign keys need the key, and logical replication identifies rows by it',
    safer: 'drop it when nothing that used it runs; set another REPLICA IDENTITY first',
    source: 'MigrationPilot MP055; pg-schema-diff CORRECTNESS; diesel-guard',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      const known = examined.target.catalog?.relation(table)?.constraints ?? [];
      return commands
        .filter(({ subtype }) => subtype === 'AT_DropConstraint')
        .flatMap(({ name = '' }) => {
          const kind = known.find((each) => each.name === name)?.kind;
          return kind === 'primary-key' || kind === 'unique'
            ? [{ message: `${quoteName(name)} is a key of ${writeName(table)}`, relation: table }]
            : [];
        });
    },
  },
  {
    id: 'truncate',
    severity: inPhases('error', { finalize: 'warning' }),
    why: 'all rows are gone at once under ACCESS EXCLUSIVE: only a restored snapshot has them',
    safer: 'a backfill that deletes or moves the rows in batches',
    source: 'squawk ban-truncate-cascade; MigrationPilot MP036; diesel-guard; measured',
    find: ({ classification, target }) =>
      classification.statementKind === 'truncate'
        ? classification.objects
            .map(({ schema, name = '' }) => ({ schema, name }))
            .filter((table) => !isEarlier(target, table))
            .map((table) => ({
              message: `all rows of ${writeName(table)} are gone`,
              relation: table,
            }))
        : [],
  },
];

const WHOLESALE: ReadonlySet<string> = new Set([
  'drop-schema',
  'drop-database',
  'drop-owned',
  'drop-tablespace',
]);

/** Dropping an index or a constraint is not removing something that queries name. */
const OWN_RULE: ReadonlySet<string> = new Set([...WHOLESALE, 'drop-table', 'drop-index']);

function dropped({ classification, target }: Examined, kind: string): readonly SqlName[] {
  return classification.objects
    .filter((object) => object.change === 'drop' && object.kind === kind)
    .map(({ schema, name = '' }) => ({ schema, name }))
    .filter((table) => !isEarlier(target, table));
}

function manyForeignKeys(examined: Examined): readonly Match[] {
  return dropped(examined, 'table').flatMap((table) => {
    const facts = examined.target.catalog?.relation(table);
    const outgoing = (facts?.constraints ?? []).flatMap(({ references }) => references ?? []);
    const others = [...outgoing, ...(facts?.referencedBy ?? [])]
      .map(writeName)
      .filter((name) => name !== writeName(table));
    const distinct = [...new Set(others)];
    if (distinct.length < 2) return [];
    const keys = (facts?.constraints ?? []).filter(({ kind }) => kind === 'foreign-key');
    return [
      {
        message: `${distinct.join(', ')} are locked together with ${writeName(table)}`,
        relation: table,
        saferRewrite:
          keys.length < 2
            ? steps('drop the foreign keys to it first, each in a transaction of its own')
            : sql(
                ...keys.map(
                  ({ name }) =>
                    `alter table ${writeName(table)} drop constraint ${quoteName(name)}`,
                ),
              ),
      },
    ];
  });
}
