import type { BoundarySearch } from '../../core/backfill/batch.ts';
import { columnReferences, type KeyValue, keyTexts } from '../../core/backfill/key.ts';
import { type KeyRange, rangePredicate } from '../../core/backfill/range.ts';
import { quoteIdentifier, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { BackfillStep, KeyColumn } from '../../core/plan/plan.ts';
import type { Row, Session } from '../../ports/database.ts';
import { pageBoundaryQuery, pageGoalQuery, walksPages } from './page-walk.ts';

/** The table and the key that are walked. */
export type Walk = Pick<BackfillStep, 'table' | 'key'> & {
  /** What names a row, and deals the rows out to strides, where `key` is their place. @default - `key` */
  readonly rowKey?: readonly KeyColumn[];
};

/** The rows of a range of the walk. */
export function walkPredicate({ key, rowKey }: Walk, alias: string, range: KeyRange): string {
  return rangePredicate(key, alias, range, rowKey);
}

/** What the walked table is called where its keys are looked for. */
export const KEY_ALIAS = 'walked';

/** The key that is `search.keys` keys further on; no row when fewer are left. Columns k0, k1, ... */
export function boundaryQuery(walk: Walk, search: BoundarySearch): string {
  if (walksPages(walk)) return pageBoundaryQuery(walk, search);
  return `${keyQuery(walk)} where ${rangePredicate(walk.key, KEY_ALIAS, search)}
    order by ${keyOrder(walk, 'asc')} offset ${search.keys - 1} limit 1`;
}

export async function findBoundary(
  session: Session,
  walk: Walk,
  search: BoundarySearch,
): Promise<KeyValue | undefined> {
  return readKey(walk, (await session.query(boundaryQuery(walk, search)))[0]);
}

/** The largest key of the table; undefined when it is empty. */
export async function findLastKey(session: Session, walk: Walk): Promise<KeyValue | undefined> {
  const last = walksPages(walk)
    ? pageGoalQuery(walk)
    : `${keyQuery(walk)} order by ${keyOrder(walk, 'desc')} limit 1`;
  const rows = await session.query(last);
  return readKey(walk, rows[0]);
}

/** The key of the first row of a range; undefined when it holds none. */
export async function findKey(
  session: Session,
  walk: Walk,
  range: KeyRange,
): Promise<KeyValue | undefined> {
  const named = { table: walk.table, key: walk.rowKey ?? walk.key };
  const [row] = await session.query(
    `${keyQuery(named)} where ${walkPredicate(walk, KEY_ALIAS, range)} limit 1`,
  );
  return readKey(named, row);
}

/** Reads the columns k0, k1, ... of a row; undefined when there is no row or they are null. */
export function readKey(walk: Walk, row: Row | undefined): KeyValue | undefined {
  if (row?.['k0'] === undefined || row['k0'] === null) return undefined;
  return walk.key.map((_, index) => String(row[`k${index}`]));
}

function keyQuery(walk: Walk): string {
  return `select ${keyColumns(walk)} from ${quoteQualified(walk.table)} as ${quoteIdentifier(KEY_ALIAS)}`;
}

/** The key as the columns k0, k1, ... that `readKey` reads. */
export function keyColumns(walk: Walk): string {
  return keyTexts(walk.key, KEY_ALIAS)
    .map((text, index) => `${text} as k${index}`)
    .join(', ');
}

export function keyOrder(walk: Walk, direction: 'asc' | 'desc'): string {
  return columnReferences(walk.key, KEY_ALIAS)
    .map((column) => `${column} ${direction}`)
    .join(', ');
}
