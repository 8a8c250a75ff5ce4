import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, DatabaseError, type Session } from '../../../lib/ports/database.ts';

/** The process died; nothing in the product catches it. */
export class Killed extends Error {}

/** What happens at one call: nothing, or a fault before or after its effect. */
export type Fault =
  | 'none'
  | 'answer-lost-before-effect'
  | 'answer-lost-after-effect'
  /** The caller gave up waiting, as the Data API does; the statement runs a little later. */
  | 'answer-lost-effect-to-come'
  | 'killed-before-effect'
  | 'killed-after-effect'
  | 'deadlock';

export interface FaultyDatabase extends Database {
  /** Resolves when every statement that outlived its call has run. */
  settled(): Promise<void>;
}

/** A Database whose calls fail as `next` says, one decision a call. */
export function faultyDatabase(database: Database, next: () => Fault): FaultyDatabase {
  const stragglers: Promise<unknown>[] = [];
  const around = async <T>(call: () => Promise<T>, mayStraggle: boolean): Promise<T> => {
    const fault = next();
    if (fault === 'killed-before-effect') throw new Killed();
    if (fault === 'answer-lost-before-effect') throw lost();
    if (fault === 'answer-lost-effect-to-come') {
      // A transaction ends with its connection, so nothing inside it can come later.
      if (mayStraggle)
        stragglers.push(
          sleep(5 + (stragglers.length % 3) * 10)
            .then(call)
            .catch(ignored),
        );
      throw lost();
    }
    if (fault === 'deadlock') {
      throw new DatabaseError('serialization', 'deadlock detected', { sqlstate: '40P01' });
    }
    const result = await call();
    if (fault === 'killed-after-effect') throw new Killed();
    if (fault === 'answer-lost-after-effect') throw lost();
    return result;
  };
  const faultySession = (session: Session, mayStraggle: boolean): Session => ({
    query: (sql, parameters) => around(() => session.query(sql, parameters), mayStraggle),
    execute: (sql, parameters) => around(() => session.execute(sql, parameters), mayStraggle),
  });
  return {
    ...faultySession(database, true),
    transaction: (work) =>
      around(() => database.transaction((tx) => work(faultySession(tx, false))), false),
    submit: (sql) => around(() => database.submit(sql), true),
    close: () => database.close(),
    settled: async () => {
      await Promise.allSettled(stragglers);
    },
  };
}

const ignored = (): undefined => undefined;

function lost(): DatabaseError {
  return new DatabaseError('outcome-unknown', 'the connection was reset');
}
