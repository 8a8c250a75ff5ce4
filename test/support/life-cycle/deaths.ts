import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../../lib/core/workflow/outcome.ts';
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

/** In the time of a test; the workflow waits for seconds, and as often as it takes. */
const WAIT_MS = 50;
const MOST_CALLS = 400;

/**
 * Calls as the workflow does: again after a death, again when there is more to do, and again a
 * while later when something has to be waited for.
 */
export async function untilOver(work: () => Promise<Outcome>): Promise<Outcome> {
  for (let call = 1; ; call += 1) {
    try {
      const outcome = await work();
      const isOver = outcome.kind !== 'continue' && outcome.kind !== 'wait';
      if (isOver || call === MOST_CALLS) return outcome;
      if (outcome.kind === 'wait') await sleep(WAIT_MS);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}
