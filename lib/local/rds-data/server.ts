import type { FastifyReply, FastifyRequest } from 'fastify';
import { accessKeyIdOf } from '../http/access-key.ts';
import { type AwsError, jsonErrorReply } from '../http/aws-error.ts';
import { type CallDetail, callUnder, type Faults } from '../http/faults.ts';
import { dropConnection, httpServer, type Listening, listen } from '../http/listen.ts';
import type { CallContext } from './call-session.ts';
import {
  batchExecuteStatement,
  beginTransaction,
  commitTransaction,
  executeStatement,
  rollbackTransaction,
} from './calls.ts';
import type { ClusterDirectory } from './cluster-directory.ts';
import { databaseFailure } from './database-failure.ts';
import { requestTooLarge } from './errors.ts';
import { AWS_LIMITS, type DataApiLimits } from './limits.ts';
import { type Action, parseRequest } from './requests.ts';
import { openSessions } from './sessions.ts';
import { openTransactions } from './transactions.ts';

/** How to serve the Data API. */
export interface RdsDataOptions {
  /** Knows which database stands behind a pair of ARNs. */
  readonly directory: ClusterDirectory;
  /** @default - the limits of AWS */
  readonly limits?: Partial<DataApiLimits>;
  /** Asked for each call with the service name `rds-data`. @default - nothing goes wrong */
  readonly faults?: Faults;
  /** TCP port. @default 0, a free one */
  readonly port?: number;
}

/** Path of each action, and what it does. */
const ROUTES: Readonly<
  Record<string, { action: Action; run: (context: CallContext, body: string) => Promise<unknown> }>
> = {
  '/Execute': {
    action: 'ExecuteStatement',
    run: (context, body) => executeStatement(context, parseRequest('ExecuteStatement', body)),
  },
  '/BatchExecute': {
    action: 'BatchExecuteStatement',
    run: (context, body) =>
      batchExecuteStatement(context, parseRequest('BatchExecuteStatement', body)),
  },
  '/BeginTransaction': {
    action: 'BeginTransaction',
    run: (context, body) => beginTransaction(context, parseRequest('BeginTransaction', body)),
  },
  '/CommitTransaction': {
    action: 'CommitTransaction',
    run: (context, body) => commitTransaction(context, parseRequest('CommitTransaction', body)),
  },
  '/RollbackTransaction': {
    action: 'RollbackTransaction',
    run: (context, body) => rollbackTransaction(context, parseRequest('RollbackTransaction', body)),
  },
};

/**
 * Serves the RDS Data API in front of real PostgreSQL, as strict as AWS is for Aurora PostgreSQL
 * Serverless v2 and provisioned clusters. Credentials of the request are not checked.
 */
export async function startRdsData(options: RdsDataOptions): Promise<Listening> {
  const limits = { ...AWS_LIMITS, ...options.limits };
  const sessions = openSessions();
  const transactions = openTransactions(limits);
  const context: CallContext = { directory: options.directory, sessions, transactions, limits };
  const app = httpServer(limits.requestBytes);
  for (const [path, { action, run }] of Object.entries(ROUTES)) {
    app.post(path, async (request, reply) => {
      const body = bodyOf(request);
      const fault = options.faults?.('rds-data', action, detailOf(request, body));
      const called = await callUnder(fault, async () => {
        if (requestBytes(request, body) > limits.requestBytes) throw requestTooLarge();
        return JSON.stringify(await run(context, body));
      });
      if (called.kind === 'dropped') return dropConnection(reply);
      return reply.header('content-type', 'application/json').send(called.value);
    });
  }
  app.setErrorHandler((error: Error & { readonly code?: string }, _request, reply) => {
    const tooLarge = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
    return sendError(reply, tooLarge ? requestTooLarge() : databaseFailure(error));
  });
  const listening = await listen(app, options.port);
  return {
    url: listening.url,
    close: async () => {
      await listening.close();
      await transactions.close();
      await sessions.close();
    },
  };
}

function bodyOf(request: FastifyRequest): string {
  return Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '{}';
}

function detailOf(request: FastifyRequest, body: string): CallDetail {
  const caller = accessKeyIdOf(request.headers.authorization);
  try {
    const { sql } = JSON.parse(body) as { readonly sql?: unknown };
    return { caller, sql: typeof sql === 'string' ? sql : undefined };
  } catch {
    return { caller };
  }
}

/** AWS counts the headers, too. */
function requestBytes(request: FastifyRequest, body: string): number {
  const headers = request.raw.rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);
  return headers + Buffer.byteLength(body);
}

function sendError(reply: FastifyReply, error: AwsError): FastifyReply {
  const { status, headers, body } = jsonErrorReply(error);
  return reply.code(status).headers(headers).send(body);
}
