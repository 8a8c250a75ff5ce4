import { durationMs } from '../../core/ids.ts';
import type { CatalogProbe } from '../../core/sql/probe.ts';
import { DatabaseError, isPassing } from '../../ports/database.ts';
import { FencedError, requireFence } from '../../postgres/ledger/fence.ts';
import { recordStep, type StepState, stepState } from '../../postgres/ledger/steps.ts';
import { clearUp, probe } from '../../postgres/probes.ts';
import { describeSession, taggedSessions } from '../../postgres/sessions.ts';
import { outOfTime } from '../context.ts';
import { stepTag, withTag } from '../tag.ts';
import { describe } from './run-transactional.ts';
import type { StatementContext, StatementJob, StatementOutcome } from './statement-outcome.ts';

/** A build that ended INVALID or was cancelled is started again this often. */
const TRIES_ALLOWED = 3;
const POLL_MS = durationMs(1_000);

/**
 * Brings about a statement that no transaction can hold, or that may outlive the call that sent
 * it: CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY, VALIDATE CONSTRAINT.
 *
 * The call's own answer is not trusted in either direction. After each one the catalog is asked:
 * done, still running under our tag, half done (an INVALID index, which is dropped and rebuilt)
 * or not done. No lock_timeout applies: these statements take weak locks and wait politely, and a
 * short timeout would only leave an INVALID index behind.
 */
export async function runOnline(
  context: StatementContext,
  job: StatementJob,
  question: CatalogProbe,
): Promise<StatementOutcome> {
  const tag = stepTag(context.executionId, job.stepId);
  let tries = 0;
  let lastProblem = 'the server gave no reason';
  let lastError: DatabaseError | undefined;

  if (await isSomebodyElses(context, job, question)) {
    return {
      kind: 'failed',
      sqlstate: '42P07',
      reason: `an index of this name exists and was not made by this execution; rename the step's index or drop the old one`,
    };
  }
  for (;;) {
    if ((await probe(context.database, question)) === 'done') {
      return settle(context, job, job.direction === 'act' ? 'done' : 'undone', tries);
    }
    const [running] = await taggedSessions(context.database, tag);
    if (running !== undefined) {
      await context.note(`the server still works on it: ${describeSession(running)}`);
      if (outOfTime(context)) {
        return { kind: 'pending', seconds: 5, reason: `${job.stepId} still runs on the server` };
      }
      await context.clock.sleep(POLL_MS);
      continue;
    }
    if (job.direction === 'act') {
      const reason = await context.abortRequested();
      if (reason !== undefined) return { kind: 'aborted', reason };
    }
    if (outOfTime(context)) return { kind: 'out-of-time' };
    if ((await probe(context.database, question)) === 'half-done') {
      await context.note('an interrupted try left something behind: clearing it up first');
      await context.database.submit(withTag(tag, clearUp(question)));
      continue;
    }
    if (tries >= TRIES_ALLOWED) {
      // A failover takes longer than this. The state machine waits for minutes, we hold a function.
      if (lastError !== undefined && isPassing(lastError)) throw lastError;
      return {
        kind: 'failed',
        sqlstate: undefined,
        reason: `not done after ${tries} tries: ${lastProblem}`,
      };
    }
    tries += 1;
    const begun = await settle(
      context,
      job,
      job.direction === 'act' ? 'started' : 'undoing',
      tries,
    );
    if (begun.kind === 'fenced') return begun;
    try {
      await context.database.submit(withTag(tag, job.action.sql));
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      lastError = error;
      lastProblem = describe(error);
      if (isFinal(error, job)) {
        await cleanUp(context, question, tag);
        return { kind: 'failed', sqlstate: error.sqlstate, reason: lastProblem };
      }
      await context.note(`try ${tries} of ${TRIES_ALLOWED}: ${lastProblem}`);
      await context.clock.sleep(POLL_MS);
    }
  }
}

/** An index that is there before we ever started must not be taken for ours: an undo would drop it. */
async function isSomebodyElses(
  context: StatementContext,
  job: StatementJob,
  question: CatalogProbe,
): Promise<boolean> {
  if (job.direction !== 'act' || question.kind !== 'index-valid') return false;
  const state = await stepState(context.database, context.executionId, job.stepId);
  return state === undefined && (await probe(context.database, question)) !== 'not-done';
}

/** Whether trying again could only give the same answer. */
function isFinal(error: DatabaseError, job: StatementJob): boolean {
  switch (error.kind) {
    case 'constraint':
    case 'statement':
    case 'denied':
    case 'resources':
      return true;
    case 'does-not-exist':
      return !job.mayBeAbsent;
    default:
      return false;
  }
}

/** A failed unique build leaves an INVALID index that every write would go on maintaining. */
async function cleanUp(
  context: StatementContext,
  question: CatalogProbe,
  tag: string,
): Promise<void> {
  if (question.kind !== 'index-valid') return;
  if ((await probe(context.database, question)) !== 'half-done') return;
  await context.database.submit(withTag(tag, clearUp(question)));
}

async function settle(
  context: StatementContext,
  job: StatementJob,
  state: StepState,
  attempts: number,
): Promise<StatementOutcome> {
  try {
    await context.database.transaction(async (tx) => {
      await requireFence(tx, context.fence);
      if ((await stepState(tx, context.executionId, job.stepId)) === state) return;
      await recordStep(tx, context.executionId, {
        stepId: job.stepId,
        position: job.position,
        state,
      });
    });
  } catch (error) {
    if (error instanceof FencedError) return { kind: 'fenced' };
    throw error;
  }
  return { kind: 'done', attempts };
}
