import type { Database } from '../../../lib/ports/database.ts';

/** The engine's process dies at a transaction: before anything of it happened, or after its commit. */
export interface Death {
  /** Which one, counted from 1. */
  readonly transaction: number;
  readonly when: 'before' | 'after';
}

class Killed extends Error {}

/** The same database for an engine that dies at these transactions. */
export function dying(inner: Database, deaths: readonly Death[]): Database {
  let count = 0;
  return {
    query: (sql, parameters) => inner.query(sql, parameters),
    execute: (sql, parameters) => inner.execute(sql, parameters),
    submit: (sql) => inner.submit(sql),
    close: () => inner.close(),
    async transaction(work) {
      count += 1;
      const death = deaths.find(({ transaction }) => transaction === count);
      if (death?.when === 'before') throw new Killed('killed before the transaction');
      const result = await inner.transaction(work);
      if (death?.when === 'after') throw new Killed('killed after the commit');
      return result;
    },
  };
}

/** Whoever dies is called again, as the workflow does. */
export async function reborn<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}
