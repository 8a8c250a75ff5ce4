import pg from 'pg';
import { type Database, DatabaseError, type Parameters, type Session } from '../ports/database.ts';
import {
  type OpenTransaction,
  refuseUnsendable,
  runTransaction,
} from '../ports/transaction-rules.ts';
import { translateConnectError, translatePgError } from './pg-errors.ts';
import { toRows, typedStatement } from './pg-values.ts';
import { outliveConnections } from './postgres/outlive-connections.ts';
import { AWS_LIMITS } from './rds-data/limits.ts';
import { type RawResult, runStatement } from './rds-data/statement.ts';

export interface PgDatabaseOptions {
  readonly url: string;
  /** Connections open at once. @default 10 */
  readonly connections?: number;
  /** How long `submit` waits before it leaves the statement running. @default 45000, as the Data API */
  readonly giveUpMs?: number;
}

/**
 * A `Database` over a direct connection: for tests, the benchmark and checks on a laptop. It is as
 * strict as the Data API, whose rules on statements, types and sizes it shares, so that what works
 * here works there.
 */
export function pgDatabase(options: PgDatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 10,
    // Times arrive in UTC, as from the Data API.
    options: '-c timezone=UTC',
    application_name: 'lockkeeper',
    connectionTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  });
  outliveConnections(pool);
  /** Connections whose statement outlives its call. */
  const leftRunning = new Set<pg.PoolClient>();

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw translateConnectError(error);
    }
  };

  const withClient = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const client = await connect();
    let broken = false;
    try {
      return await work(sessionOn(client));
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      client.release(broken);
    }
  };

  const begin = async (): Promise<OpenTransaction> => {
    const client = await connect();
    const session = sessionOn(client);
    const end = async (sql: 'begin' | 'commit' | 'rollback', last: boolean): Promise<void> => {
      let failed = true;
      try {
        await session.execute(sql);
        failed = false;
      } finally {
        // A connection in an unknown state is not given to anybody else.
        if (last || failed) client.release(failed);
      }
    };
    await end('begin', false);
    return { session, commit: () => end('commit', true), rollBack: () => end('rollback', true) };
  };

  return {
    query: (sql, parameters) => withClient((session) => session.query(sql, parameters)),
    execute: (sql, parameters) => withClient((session) => session.execute(sql, parameters)),
    transaction: (work) => runTransaction(begin, work),

    async submit(sql) {
      refuseUnsendable(sql, {});
      const client = await connect();
      const running = run(client, sql, {}).then(
        () => client.release(),
        (error: unknown) => {
          client.release(isBroken(error));
          throw error;
        },
      );
      const outcome = await giveUpAfter(options.giveUpMs ?? AWS_LIMITS.statementMs, running);
      if (outcome === 'submitted') {
        leftRunning.add(client);
        // How it ends is for the catalog to say.
        void running.catch(() => undefined).finally(() => leftRunning.delete(client));
      }
      return outcome;
    },

    async close() {
      // The server finishes such a statement after its connection is gone.
      for (const client of leftRunning) client.release(true);
      leftRunning.clear();
      await pool.end();
    },
  };
}

function sessionOn(client: pg.PoolClient): Session {
  return {
    async query(sql, parameters = {}) {
      return toRows(await run(client, sql, parameters));
    },
    async execute(sql, parameters = {}) {
      const { tag, columns } = await run(client, sql, parameters);
      if (columns.length > 0) return 0;
      return Number(/^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag)?.[1] ?? 0);
    },
  };
}

async function run(client: pg.PoolClient, sql: string, parameters: Parameters): Promise<RawResult> {
  refuseUnsendable(sql, parameters);
  const statement = typedStatement(sql, parameters);
  try {
    return await runStatement(client, statement, AWS_LIMITS);
  } catch (error) {
    throw translatePgError(error);
  }
}

/** Whether the connection must not be used again. */
function isBroken(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === 'outcome-unknown';
}

async function giveUpAfter(
  giveUpMs: number,
  running: Promise<void>,
): Promise<'finished' | 'submitted'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'submitted'>((resolve) => {
    timer = setTimeout(resolve, giveUpMs, 'submitted');
  });
  try {
    return await Promise.race([running.then(() => 'finished' as const), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
