import { type CallContext, DEFAULT_DATABASE, serverOf, withSession } from './call-session.ts';
import { statementTimeout } from './errors.ts';
import { typedStatement } from './parameters.ts';
import type { Request } from './requests.ts';
import { type ExecuteStatementResponse, toResponse } from './result.ts';
import { runStatement } from './statement.ts';
import { underTimeLimit } from './time-limit.ts';

/** Runs one statement and returns its result. */
export async function executeStatement(
  context: CallContext,
  request: Request<'ExecuteStatement'>,
): Promise<ExecuteStatementResponse> {
  const statement = typedStatement(request.sql, request.parameters);
  return withSession(context, request, async (session, keepUntil) => {
    const work = runStatement(session.client, statement, context.limits).then((raw) =>
      toResponse(raw, request, context.limits, session.client),
    );
    const limited = await underTimeLimit(
      session,
      context.limits.statementMs,
      request.continueAfterTimeout,
      work,
    );
    if (limited.kind === 'finished') return limited.value;
    keepUntil(limited.afterwards);
    throw statementTimeout(session.backendPid);
  });
}

/** Outside a transaction every parameter set is committed on its own. */
export async function batchExecuteStatement(
  context: CallContext,
  request: Request<'BatchExecuteStatement'>,
): Promise<{ readonly updateResults: readonly { readonly generatedFields: readonly [] }[] }> {
  const sets = request.parameterSets.length === 0 ? [[]] : request.parameterSets;
  const statements = sets.map((set) => typedStatement(request.sql, set));
  return withSession(context, request, async (session) => {
    const work = async (): Promise<void> => {
      for (const statement of statements) {
        await runStatement(session.client, statement, context.limits);
      }
    };
    await underTimeLimit(session, context.limits.statementMs, false, work());
    return { updateResults: request.parameterSets.map(() => ({ generatedFields: [] as const })) };
  });
}

/** Opens a transaction that lives across calls. */
export async function beginTransaction(
  context: CallContext,
  request: Request<'BeginTransaction'>,
): Promise<{ readonly transactionId: string }> {
  const serverUrl = await serverOf(context, request);
  const database = request.database ?? DEFAULT_DATABASE;
  const session = await context.sessions.acquire(serverUrl, database);
  try {
    await session.client.query('begin');
  } catch (error) {
    await session.release();
    throw error;
  }
  const { id } = context.transactions.open(session, request.resourceArn, database);
  return { transactionId: id };
}

/** An aborted transaction cannot be committed. */
export async function commitTransaction(
  context: CallContext,
  request: Request<'CommitTransaction'>,
): Promise<{ readonly transactionStatus: string }> {
  await finish(context, request, 'commit');
  return { transactionStatus: 'Transaction Committed' };
}

/** Possible for an aborted transaction, not for one that runs a statement. */
export async function rollbackTransaction(
  context: CallContext,
  request: Request<'RollbackTransaction'>,
): Promise<{ readonly transactionStatus: string }> {
  await finish(context, request, 'rollback');
  return { transactionStatus: 'Transaction Rolled Back' };
}

async function finish(
  context: CallContext,
  request: Request<'CommitTransaction'>,
  how: 'commit' | 'rollback',
): Promise<void> {
  await serverOf(context, request);
  const purpose = how === 'commit' ? 'use' : 'roll-back';
  const { transactions } = context;
  const { id, session } = transactions.claim(request.transactionId, request.resourceArn, purpose);
  transactions.end(id);
  try {
    // A deferred constraint may still fail here; the caller gets its SQLSTATE.
    await session.client.query(how);
  } finally {
    await session.release();
  }
}
