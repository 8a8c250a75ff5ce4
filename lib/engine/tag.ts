import type { ExecutionId, StepId } from '../core/ids.ts';
import type { Database, Parameters, Session } from '../ports/database.ts';

/**
 * A comment in front of every statement of a step. It is how a later runner finds what an earlier
 * one left running: the Data API offers no handle on a statement that outlived its call.
 * No colon in it, because the Data API reads `:word` as a parameter.
 */
export function executionTag(executionId: ExecutionId): string {
  return `lockkeeper ${executionId} `;
}

export function stepTag(executionId: ExecutionId, stepId: StepId): string {
  return `${executionTag(executionId)}${stepId}`;
}

export function withTag(tag: string, sql: string): string {
  return `/* ${tag} */ ${sql}`;
}

/** The same session with the tag on everything it runs. */
export function taggedSession(session: Session, tag: string): Session {
  return {
    query: (sql: string, parameters?: Parameters) => session.query(withTag(tag, sql), parameters),
    execute: (sql: string, parameters?: Parameters) =>
      session.execute(withTag(tag, sql), parameters),
  };
}

/**
 * The same database with the execution's tag on everything in a transaction. A function that dies
 * in one leaves it open, with the fence's row locked, and the next call finds and ends it by this.
 */
export function taggedTransactions(database: Database, executionId: ExecutionId): Database {
  const tag = executionTag(executionId);
  return {
    ...database,
    transaction: (work) => database.transaction((tx) => work(taggedSession(tx, tag))),
  };
}
