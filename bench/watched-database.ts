import type { Database, Session } from '../lib/ports/database.ts';

/** A query that was answered. */
export interface WatchedQuery {
  readonly sql: string;
  /** What it failed with; undefined: it did not. */
  readonly error: unknown;
}

/** The same database; `tell` hears of each query, those of transactions too, once it is answered. */
export function watchedDatabase(database: Database, tell: (query: WatchedQuery) => void): Database {
  return {
    ...watchedSession(database, tell),
    transaction: (work) => database.transaction((tx) => work(watchedSession(tx, tell))),
    submit: (sql) => database.submit(sql),
    close: () => database.close(),
  };
}

function watchedSession(session: Session, tell: (query: WatchedQuery) => void): Session {
  return {
    query: async (sql, parameters) => {
      try {
        const rows = await session.query(sql, parameters);
        tell({ sql, error: undefined });
        return rows;
      } catch (error) {
        tell({ sql, error });
        throw error;
      }
    },
    execute: (sql, parameters) => session.execute(sql, parameters),
  };
}
