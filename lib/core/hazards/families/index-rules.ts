import type { IndexStmt } from 'libpg-query';
import { quoteName, type SqlName, writeName } from '../../sql/sql-name.ts';
import { insertAfter, without } from '../edit-sql.ts';
import type { SaferRewrite } from '../finding.ts';
import { builtIndex, plainColumns } from '../index-facts.ts';
import { always, type Examined, type StatementRule, sql, steps } from '../rule.ts';

/** Building, dropping and rebuilding indexes while others use the table. */
export const INDEX_RULES: readonly StatementRule[] = [
  {
    id: 'index-not-concurrent',
    severity: always('error'),
    why: 'CREATE INDEX takes SHARE on the table, so that every write waits until the index is built',
    safer: 'CREATE INDEX CONCURRENTLY, in a step of its own and outside a transaction',
    source:
      'strong_migrations add_index; squawk require-concurrent-index-creation; Eugene E6; Atlas PG101; measured',
    find: (examined) =>
      builtIndex(examined)
        .filter(({ node, partitioned }) => node.concurrent !== true && !partitioned)
        .map(({ table }) => ({
          message: `CREATE INDEX stops all writes to ${writeName(table)} until the index is built`,
          relation: table,
          work: 'index',
          saferRewrite: sql(concurrently(examined, 'index')),
        })),
  },
  {
    id: 'partitioned-index-fanout',
    severity: always('error'),
    why: 'an index on a partitioned table is built on every partition in one go, and CONCURRENTLY is refused there',
    safer:
      'CREATE INDEX ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX ... ATTACH PARTITION',
    source: 'MigrationPilot MP092, MP110; PostgreSQL documentation, CREATE INDEX; measured',
    find: (examined) =>
      builtIndex(examined)
        .filter(({ node, partitioned }) => partitioned && node.relation?.inh === true)
        .map(({ table, node }) => ({
          message:
            node.concurrent === true
              ? `PostgreSQL refuses CONCURRENTLY on the partitioned table ${writeName(table)}`
              : `CREATE INDEX stops all writes to every partition of ${writeName(table)}`,
          relation: table,
          ...(node.concurrent === true ? {} : { work: 'index' as const }),
          saferRewrite: perPartition(examined, table, node),
        })),
  },
  {
    id: 'drop-index-not-concurrent',
    severity: always('warning'),
    why: 'DROP INDEX takes ACCESS EXCLUSIVE on the table: it waits for every query of it, and all new ones wait behind it',
    safer: 'DROP INDEX CONCURRENTLY (not for the index of a constraint)',
    source:
      'strong_migrations remove_index; squawk require-concurrent-index-deletion; Atlas PG102; measured',
    find: (examined) =>
      examined.classification.statementKind === 'drop-index' && locksAnything(examined)
        ? [
            {
              message:
                'dropping an index waits for every query of its table, and new ones wait too',
              relation: examined.classification.locks[0]?.relation,
              saferRewrite: concurrentDrops(examined),
            },
          ]
        : [],
  },
  {
    id: 'concurrently-if-not-exists',
    severity: always('error'),
    why: 'a build that failed leaves an invalid index, and IF NOT EXISTS then takes it for the real one',
    safer: 'leave IF NOT EXISTS out; drop an invalid index and build it again',
    source: 'MigrationPilot MP070; strong_migrations remove_invalid_indexes; no other linter',
    find: (examined) =>
      builtIndex(examined)
        .filter(({ node }) => node.concurrent === true && node.if_not_exists === true)
        .map(({ table, node }) => ({
          message: `a retry would accept an invalid ${quoteName(node.idxname ?? 'index')} as done`,
          relation: table,
          saferRewrite: sql(
            without(examined.target.parser, examined.statement.text, 'if', 'not', 'exists'),
          ),
        })),
  },
  {
    id: 'reindex-not-concurrent',
    severity: always('error'),
    why: 'REINDEX takes SHARE on the table and ACCESS EXCLUSIVE on the index: writes wait, and reads that would use the index',
    safer: 'REINDEX ... CONCURRENTLY, since version 12',
    source: 'squawk require-concurrent-reindex; MigrationPilot MP021; measured',
    find: (examined) => {
      const { classification, statement } = examined;
      if (classification.statementKind !== 'reindex') return [];
      const opaque = !classification.understood;
      if (!opaque && !locksAnything(examined)) return [];
      const [object] = classification.objects;
      const table =
        object?.kind === 'index'
          ? object.table
          : object?.name === undefined
            ? undefined
            : { schema: object.schema, name: object.name };
      const words =
        'ReindexStmt' in statement.node ? REINDEX[statement.node.ReindexStmt.kind ?? ''] : '';
      return [
        {
          message: 'REINDEX stops writes to the table, and reads that would use the index',
          relation: table,
          work: 'index',
          saferRewrite:
            words === undefined || words === ''
              ? steps('REINDEX each table CONCURRENTLY')
              : sql(concurrently(examined, words)),
        },
      ];
    },
  },
  {
    id: 'concurrent-index-on-14',
    severity: always('info'),
    why: 'before 14.4, CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY of version 14 could corrupt the index',
    safer: 'make sure that the server runs 14.4 or later: select version()',
    source: 'strong_migrations add_index_corruption; PostgreSQL 14.4 release notes',
    find: ({ classification, target }) =>
      target.serverVersion === 14 && CONCURRENT_BUILDS.has(classification.statementKind)
        ? [{ message: 'version 14 builds indexes concurrently without damage since 14.4' }]
        : [],
  },
];

const CONCURRENT_BUILDS: ReadonlySet<string> = new Set([
  'create-index-concurrently',
  'reindex-concurrently',
]);

const REINDEX: Readonly<Record<string, string>> = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema',
  REINDEX_OBJECT_DATABASE: 'database',
};

function locksAnything({ classification }: Examined): boolean {
  return classification.locks.length > 0;
}

function concurrently({ target, statement }: Examined, word: string): string {
  return insertAfter(target.parser, statement.text, word, 'concurrently');
}

/** Concurrently, one statement drops one index. */
function concurrentDrops({ classification, statement: { node } }: Examined): SaferRewrite {
  const maybe = 'DropStmt' in node && node.DropStmt.missing_ok === true ? 'if exists ' : '';
  return sql(
    ...classification.objects.map(
      ({ schema, name = '' }) => `drop index concurrently ${maybe}${writeName({ schema, name })}`,
    ),
  );
}

function perPartition({ target }: Examined, table: SqlName, node: IndexStmt): SaferRewrite {
  const columns = plainColumns(node);
  const partitions = target.catalog?.relation(table)?.children ?? [];
  if (columns === undefined || partitions.length === 0 || node.idxname === undefined) {
    return steps(
      'create index ... on only the parent: it stays invalid',
      'create index concurrently on each partition',
      'alter index ... attach partition for each of them: the parent becomes valid with the last',
    );
  }
  const create = node.unique === true ? 'create unique index' : 'create index';
  const list = columns.map(quoteName).join(', ');
  const part = ({ name }: SqlName) => quoteName(`${name}_${columns.join('_')}_idx`);
  const index = quoteName(node.idxname);
  return sql(
    `${create} ${index} on only ${writeName(table)} (${list})`,
    ...partitions.map(
      (each) => `${create} concurrently ${part(each)} on ${writeName(each)} (${list})`,
    ),
    ...partitions.map((each) => `alter index ${index} attach partition ${part(each)}`),
  );
}
