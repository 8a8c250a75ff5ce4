import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Session } from '../lib/ports/database.ts';

/**
 * The same database, further away: every call, BEGIN and COMMIT too, first travels for `hopMs`.
 * A function and the Data API in one region are about 10 ms apart.
 */
export function distantDatabase(database: Database, hopMs: number): Database {
  if (hopMs === 0) return database;
  return {
    ...distantSession(database, hopMs),
    transaction: async (work) => {
      await sleep(hopMs);
      return await database.transaction(async (tx) => {
        const done = await work(distantSession(tx, hopMs));
        await sleep(hopMs);
        return done;
      });
    },
    submit: async (sql) => {
      await sleep(hopMs);
      return await database.submit(sql);
    },
    close: () => database.close(),
  };
}

function distantSession(session: Session, hopMs: number): Session {
  return {
    query: async (sql, parameters) => {
      await sleep(hopMs);
      return await session.query(sql, parameters);
    },
    execute: async (sql, parameters) => {
      await sleep(hopMs);
      return await session.execute(sql, parameters);
    },
  };
}
