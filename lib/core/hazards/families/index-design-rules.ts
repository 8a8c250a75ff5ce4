import type { IndexStmt } from 'libpg-query';
import { nameOfRange, quoteName, type SqlName, writeName } from '../../sql/sql-name.ts';
import { builtIndex, newIndex, plainColumns } from '../index-facts.ts';
import { always, type Examined, type Match, type StatementRule, steps } from '../rule.ts';

/** Indexes that are not what they were meant to be. */
export const INDEX_DESIGN_RULES: readonly StatementRule[] = [
  {
    id: 'hash-index',
    severity: always('info'),
    why: 'a hash index serves equality only: it cannot be unique, sort or serve a range',
    safer: 'a B-tree index, unless the keys are long and only compared for equality',
    source: 'MigrationPilot MP100; PostgreSQL documentation, Index Types',
    find: (examined) =>
      newIndex(examined)
        .filter(({ accessMethod }) => accessMethod === 'hash')
        .map(({ table }) => ({ message: 'the index is a hash index', relation: table })),
  },
  {
    id: 'wide-index',
    severity: always('info'),
    why: 'an index of more than three columns is large, slows every write, and seldom serves more than its first columns',
    safer: 'fewer columns, most selective first, or INCLUDE for columns that are only returned',
    source: 'strong_migrations add_index_columns; diesel-guard wide_index',
    find: (examined) =>
      newIndex(examined)
        .filter(({ indexParams = [], unique }) => indexParams.length > 3 && unique !== true)
        .map(({ indexParams = [], table }) => ({
          message: `the index has ${indexParams.length} columns`,
          relation: table,
        })),
  },
  {
    id: 'redundant-index',
    severity: always('info'),
    why: 'an existing index begins with the same columns, so the new one costs writes and gains nothing',
    safer: 'use the existing index',
    source: 'MigrationPilot MP100; PostgreSQL documentation, Multicolumn Indexes',
    find: redundant,
  },
  {
    id: 'unique-on-existing-data',
    severity: always('warning'),
    why: 'building a unique index fails when the rows that exist have duplicates, and concurrently it leaves an invalid index',
    safer: 'look for duplicates first, and clear them by a backfill',
    source: 'Atlas MF101, MF102',
    find: (examined) =>
      builtIndex(examined)
        .filter(({ node }) => node.unique === true && !isKnownUnique(examined, node))
        .map(({ node, table }) => ({
          message: `the index cannot be built when ${writeName(table)} has duplicates`,
          relation: table,
          saferRewrite: lookForDuplicates(table, node),
        })),
  },
];

function redundant(examined: Examined): readonly Match[] {
  return builtIndex(examined).flatMap(({ node, table }) => {
    const columns = plainColumns(node);
    const isBtree = node.accessMethod === undefined || node.accessMethod === 'btree';
    if (columns === undefined || !isBtree || node.unique === true) return [];
    const existing = examined.target.catalog
      ?.relation(table)
      ?.indexes.find((index) => columns.every((name, at) => index.columns[at] === name));
    return existing === undefined
      ? []
      : [
          {
            message: `${writeName(existing.name)} begins with the same columns`,
            relation: table,
          },
        ];
  });
}

/** Columns that another unique index has already have no duplicates. */
function isKnownUnique({ target }: Examined, node: IndexStmt): boolean {
  const columns = plainColumns(node) ?? [];
  const indexes = target.catalog?.relation(nameOfRange(node.relation))?.indexes ?? [];
  return indexes.some(
    ({ unique, columns: known }) =>
      unique && known.length > 0 && known.every((name) => columns.includes(name)),
  );
}

function lookForDuplicates(table: SqlName, node: IndexStmt): ReturnType<typeof steps> {
  const columns = plainColumns(node);
  if (columns === undefined) return steps('look for duplicates first, and clear them');
  const list = columns.map(quoteName).join(', ');
  return steps(
    `as an assertion that expects no rows: select ${list} from ${writeName(table)} group by ${list} having count(*) > 1 limit 5`,
    'clear what it finds by a backfill',
  );
}
