import type { BoundarySearch } from '../../core/backfill/batch.ts';
import { columnReferences, type KeyValue, keyTexts } from '../../core/backfill/key.ts';
import { rangePredicate } from '../../core/backfill/range.ts';
import { quoteIdentifier, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { BackfillStep } from '../../core/plan/plan.ts';
import type { Row, Session } from '../../ports/database.ts';
import { pageBoundaryQuery, pageGoalQuery, walksPages } from './page-walk.ts';

/** The table and the key that are walked. */
export type Walk = Pick<BackfillStep, 'table' | 'key'>;

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
