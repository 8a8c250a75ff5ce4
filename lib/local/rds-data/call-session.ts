import type { AwsError } from '../http/aws-error.ts';
import type { ClusterDirectory } from './cluster-directory.ts';
import {
  badRequest,
  databaseNotFound,
  databaseUnavailable,
  endpointNotEnabled,
  secretNotFound,
} from './errors.ts';
import type { DataApiLimits } from './limits.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Transactions } from './transactions.ts';

/** What the calls work with. */
export interface CallContext {
  readonly directory: ClusterDirectory;
  readonly sessions: Sessions;
  readonly transactions: Transactions;
  readonly limits: DataApiLimits;
}

/** Used when a request names no database. */
export const DEFAULT_DATABASE = 'postgres';

/** The members that say where a call goes. */
export interface CallTarget {
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database?: string | undefined;
  readonly transactionId?: string | undefined;
}

interface Loan {
  readonly session: Session;
  readonly giveBack: () => void;
}

/**
 * Lends a call its session: the transaction's, or one from the pool that is reset afterwards, so
 * that nothing a call sets survives it.
 * @param work `keepUntil` keeps the session while the server still works in it after the answer
 */
export async function withSession<T>(
  context: CallContext,
  target: CallTarget,
  work: (session: Session, keepUntil: (done: Promise<unknown>) => void) => Promise<T>,
): Promise<T> {
  const serverUrl = await serverOf(context, target);
  const { session, giveBack } = await lend(context, target, serverUrl);
  let stillBusy: Promise<unknown> | undefined;
  try {
    return await work(session, (done) => {
      stillBusy = done;
    });
  } finally {
    if (stillBusy === undefined) giveBack();
    else void stillBusy.then(giveBack, giveBack);
  }
}

async function lend(context: CallContext, target: CallTarget, serverUrl: string): Promise<Loan> {
  const { transactions, sessions } = context;
  if (target.transactionId === undefined) {
    const session = await sessions.acquire(serverUrl, target.database ?? DEFAULT_DATABASE);
    return { session, giveBack: () => void session.release() };
  }
  const transaction = transactions.claim(target.transactionId, target.resourceArn, 'use');
  if (target.database !== undefined && target.database !== transaction.database) {
    transactions.free(transaction.id);
    throw badRequest('Database name is not the same as transaction database');
  }
  return { session: transaction.session, giveBack: () => transactions.free(transaction.id) };
}

/**
 * Where the call goes.
 * @throws AwsError when the cluster cannot take a call
 */
export async function serverOf(context: CallContext, target: CallTarget): Promise<string> {
  const { resourceArn, secretArn } = target;
  const found = await context.directory.resolve(resourceArn, secretArn);
  if (found.kind === 'ready') return found.serverUrl;
  throw refusal(found.kind, resourceArn, secretArn);
}

function refusal(
  kind: 'unknown-cluster' | 'endpoint-disabled' | 'no-instance' | 'unavailable' | 'unknown-secret',
  resourceArn: string,
  secretArn: string,
): AwsError {
  switch (kind) {
    case 'unknown-cluster':
    case 'endpoint-disabled':
      return endpointNotEnabled(resourceArn);
    case 'no-instance':
      return databaseNotFound(resourceArn);
    case 'unavailable':
      return databaseUnavailable();
    case 'unknown-secret':
      return secretNotFound(secretArn);
  }
}
