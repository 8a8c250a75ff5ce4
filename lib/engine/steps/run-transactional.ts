import { durationMs, type EpochMs, epochMs } from '../../core/ids.ts';
import { jittered, LOCK_LADDER, type Rung } from '../../core/plan/lock-ladder.ts';
import { DatabaseError } from '../../ports/database.ts';
import { clearAutovacuum } from '../../postgres/autovacuum.ts';
import { FencedError, requireFence } from '../../postgres/ledger/fence.ts';
import { recordStep, type StepState, stepState } from '../../postgres/ledger/steps.ts';
import { describeSession, lockHolders, type OtherSession } from '../../postgres/sessions.ts';
import { outOfTime } from '../context.ts';
import { recordFenced } from '../record-step.ts';
import { stepTag, taggedSession } from '../tag.ts';
import type { StatementContext, StatementJob, StatementOutcome } from './statement-outcome.ts';

/** Deadlocks and lost answers get this many further attempts; more would hide a real fault. */
const SURPRISES_ALLOWED = 5;

/** Most autovacuums end in a few minutes; after that the ladder takes its chances. */
const AUTOVACUUM_PATIENCE_MS = 300_000;
const AUTOVACUUM_POLL_MS = durationMs(1_000);

/**
 * How long the server lets our transaction sit idle. Between two of its statements lies one
 * network hop; a function that died holding a strong lock must not keep it for longer.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * Brings a statement about in one transaction with its ledger row, so that it has happened if and
 * only if the ledger says so: killing this process anywhere and running it again is safe.
 *
 * The transaction: bound waits, prove the fence, look whether it is done, act, record, commit.
 * A lock that is not granted in time rolls everything back; the next rung of the ladder tries
 * again after a pause in which the queue behind us drains.
 */
export async function runTransactional(
  context: StatementContext,
  job: StatementJob,
): Promise<StatementOutcome> {
  let attempts = 0;
  let surprises = 0;
  let holders: readonly OtherSession[] = [];
  const patienceUntil = epochMs(context.clock.now() + AUTOVACUUM_PATIENCE_MS);

  for (let rung = 0; rung < LOCK_LADDER.length; ) {
    const step = LOCK_LADDER[rung];
    if (step === undefined) break;
    if (job.direction === 'act') {
      const reason = await context.abortRequested();
      if (reason !== undefined) return { kind: 'aborted', reason };
    }
    if (await waitsForAutovacuum(context, job, patienceUntil)) continue;
    attempts += 1;
    try {
      await attempt(context, job, step);
      return { kind: 'done', attempts };
    } catch (error) {
      if (error instanceof FencedError) return { kind: 'fenced' };
      if (!(error instanceof DatabaseError)) throw error;
      switch (error.kind) {
        case 'lock-timeout': {
          const seen = await lockHolders(context.database, job.action.locks);
          if (seen.length > 0) holders = seen;
          await context.note(waiting(rung, holders));
          rung += 1;
          break;
        }
        case 'serialization':
        case 'outcome-unknown':
        case 'unreachable':
        case 'read-only':
          // A lost answer may be a lost COMMIT: the next attempt reads the ledger row first.
          surprises += 1;
          // A failover takes longer than this. The state machine waits for minutes, we hold a function.
          if (surprises > SURPRISES_ALLOWED) throw error;
          break;
        case 'does-not-exist':
          if (!job.mayBeAbsent) return failed(error, error.message);
          await recordFenced(context, context.fence, {
            stepId: job.stepId,
            position: job.position,
            state: 'undone',
          });
          return { kind: 'done', attempts };
        case 'cancelled':
          return failed(
            error,
            `took longer than it may (${error.message}) and was undone by the server`,
          );
        default:
          return failed(error, describe(error));
      }
      if (outOfTime(context)) return { kind: 'out-of-time' };
      await context.clock.sleep(jittered(step.pauseMs, context.clock.random()));
    }
  }
  return {
    kind: 'failed',
    sqlstate: '55P03',
    reason: `${lockWanted(job)} was not granted in ${attempts} attempts${heldBy(holders)}`,
  };
}

/**
 * Whether to look again instead of asking for the lock: an autovacuum worker that cannot be stopped
 * would keep us, and everybody behind us, waiting.
 */
async function waitsForAutovacuum(
  context: StatementContext,
  job: StatementJob,
  until: EpochMs,
): Promise<boolean> {
  if (job.action.policy.kind !== 'strong') return false;
  if ((await clearAutovacuum(context.database, job.action.locks)) !== 'busy') return false;
  const now = context.clock.now();
  if (now >= until || outOfTime(context)) return false;
  await context.note('an autovacuum of the table is under way; waiting for it to end');
  await context.clock.sleep(AUTOVACUUM_POLL_MS);
  return true;
}

async function attempt(context: StatementContext, job: StatementJob, rung: Rung): Promise<void> {
  const finished: StepState = job.direction === 'act' ? 'done' : 'undone';
  const statementTimeout =
    job.action.policy.kind === 'online' ? durationMs(0) : job.action.policy.statementTimeoutMs;
  await context.database.transaction(async (plain) => {
    const tx = taggedSession(plain, stepTag(context.executionId, job.stepId));
    await tx.query(
      `select set_config('lock_timeout', :lock, true) as lock_timeout,
              set_config('statement_timeout', :statement, true) as statement_timeout,
              set_config('idle_in_transaction_session_timeout', :idle, true) as idle_timeout`,
      {
        lock: `${rung.lockTimeoutMs}ms`,
        statement: `${statementTimeout}ms`,
        idle: `${IDLE_IN_TRANSACTION_MS}ms`,
      },
    );
    await requireFence(tx, context.fence);
    const state = await stepState(tx, context.executionId, job.stepId);
    if (state === finished) return;
    for (const sql of [job.action.sql, ...(job.action.together ?? [])]) await tx.execute(sql);
    await recordStep(tx, context.executionId, {
      stepId: job.stepId,
      position: job.position,
      state: finished,
    });
  });
}

function failed(error: DatabaseError, reason: string): StatementOutcome {
  return { kind: 'failed', reason, sqlstate: error.sqlstate };
}

/** The server's message with the detail that names the offending key. */
export function describe(error: DatabaseError): string {
  return error.detail === undefined ? error.message : `${error.message} (${error.detail})`;
}

function lockWanted(job: StatementJob): string {
  const strongest = job.action.locks[0];
  return strongest === undefined ? 'a lock' : `${strongest.mode} on ${strongest.relation}`;
}

function heldBy(holders: readonly OtherSession[]): string {
  return holders.length === 0 ? '' : `; held by ${holders.map(describeSession).join('; ')}`;
}

function waiting(rung: number, holders: readonly OtherSession[]): string {
  return `lock attempt ${rung + 1} of ${LOCK_LADDER.length} timed out${heldBy(holders)}`;
}
