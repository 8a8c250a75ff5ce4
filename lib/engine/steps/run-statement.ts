import { runOnline } from './run-online.ts';
import { runTransactional } from './run-transactional.ts';
import type { StatementContext, StatementJob, StatementOutcome } from './statement-outcome.ts';

/** Brings a statement about in the one way that is safe for its kind. */
export function runStatement(
  context: StatementContext,
  job: StatementJob,
): Promise<StatementOutcome> {
  return job.action.probe === undefined
    ? runTransactional(context, job)
    : runOnline(context, job, job.action.probe);
}
