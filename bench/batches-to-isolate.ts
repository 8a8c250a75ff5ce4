import { DatabaseError } from '../lib/ports/database.ts';
import type { WatchedQuery } from './watched-database.ts';

const BATCH = 'lockkeeper.move_batch(';
const SETS_ASIDE = 'insert into lockkeeper.quarantine';

/**
 * Batches from the first that a row made fail to the one that set it aside, both counted. Some of
 * them moved rows that were to be moved anyway, so it is more than what the row cost.
 * @param queries in the order of their answers
 */
export function batchesToIsolate(queries: readonly WatchedQuery[]): number {
  const batches = queries.filter(({ sql }) => sql.includes(BATCH));
  const first = batches.findIndex(({ error }) => isBadRow(error));
  if (first === -1) return 0;
  const rest = batches.slice(first);
  const last = rest.findIndex(({ sql, error }) => error === undefined && sql.includes(SETS_ASIDE));
  return last === -1 ? rest.length : last + 1;
}

/** A batch that ran out of time says nothing about a row. */
function isBadRow(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === 'constraint';
}
