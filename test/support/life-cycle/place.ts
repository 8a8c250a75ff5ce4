import pg from 'pg';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import type { Database } from '../../../lib/ports/database.ts';

/**
 * A database and the connections to it. They outlive a life cycle where the database does: a new
 * connection costs ten milliseconds, and as much again until it knows the catalog.
 */
export interface Place {
  readonly url: string;
  /** For the application, and for whoever looks. */
  readonly pool: pg.Pool;
  /** The engine's own connections. */
  readonly database: Database;
  close(): Promise<void>;
}

export function placeAt(url: string): Place {
  const pool = new pg.Pool({ connectionString: url, allowExitOnIdle: true });
  // Whoever drops the database ends idle connections too.
  pool.on('error', () => undefined);
  const database = pgDatabase({ url, connections: 4 });
  return {
    url,
    pool,
    database,
    close: async () => {
      await Promise.all([pool.end(), database.close()]);
    },
  };
}
