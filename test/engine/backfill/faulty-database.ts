import { type Database, DatabaseError, type Session } from '../../../lib/ports/database.ts';

/** The process died; nothing in the product catches it. */
export class Killed extends Error {}

/** What happens at one call: nothing, or a fault before or after its effect. */
export type Fault =
  | 'none'
  | 'answer-lost-before-effect'
  | 'answer-lost-after-effect'
  | 'killed-before-effect'
  | 'killed-after-effect'
  | 'deadlock';

/** A Database whose calls fail as `next` says, one decision a call. */
export function faultyDatabase(database: Database, next: () => Fault): Database {
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    const fault = next();
    if (fault === 'killed-before-effect') throw new Killed();
    if (fault === 'answer-lost-before-effect') throw lost();
    if (fault === 'deadlock') {
      throw new DatabaseError('serialization', 'deadlock detected', { sqlstate: '40P01' });
    }
    const result = await call();
    if (fault === 'killed-after-effect') throw new Killed();
    if (fault === 'answer-lost-after-effect') throw lost();
    return result;
  };
  const faultySession = (session: Session): Session => ({
    query: (sql, parameters) => around(() => session.query(sql, parameters)),
    execute: (sql, parameters) => around(() => session.execute(sql, parameters)),
  });
  return {
    ...faultySession(database),
    transaction: (work) => around(() => database.transaction((tx) => work(faultySession(tx)))),
    submit: (sql) => around(() => database.submit(sql)),
    close: () => database.close(),
  };
}

function lost(): DatabaseError {
  return new DatabaseError('outcome-unknown', 'the connection was reset');
}
