import pg from 'pg';

/** A database session that belongs to one call, or to one transaction, until it is given back. */
export interface Session {
  readonly client: pg.PoolClient;
  /** Process id of the backend: the Data API's `dbConnectionId`. */
  readonly backendPid: number;
  /** Asks the server to cancel what the session is running; returns once it was asked. */
  cancel(): Promise<void>;
  /** Gives the session back as new: no transaction, no settings, no temporary tables, no locks. */
  release(): Promise<void>;
}

/** Sessions kept open between calls, one pool for each server, user and database. */
export interface Sessions {
  /** @throws the driver's error when the server refuses or does not answer */
  acquire(serverUrl: string, database: string): Promise<Session>;
  close(): Promise<void>;
}

/** Below the embedded server's 100 connections, so that an operator can always get in. */
const POOL_SIZE = 40;
/** How long a call waits for a server that accepts no connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The pools of one Data API server. */
export function openSessions(): Sessions {
  const pools = new Map<string, pg.Pool>();
  const lent = new Set<Session>();
  return {
    acquire: async (serverUrl, database) => {
      const url = new URL(serverUrl);
      url.pathname = `/${encodeURIComponent(database)}`;
      const pool = pools.get(url.href) ?? openPool(url.href);
      pools.set(url.href, pool);
      const session = openSession(await pool.connect(), url.href, () => lent.delete(session));
      lent.add(session);
      return session;
    },
    close: async () => {
      // A pool ends when its last session is back; whoever still runs a statement is cut short.
      await Promise.all([...lent].map((session) => session.cancel().catch(() => undefined)));
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'rds-data',
    allowExitOnIdle: true,
  });
  // An idle session dies when its server stops; the pool has dropped it already.
  pool.on('error', () => undefined);
  return pool;
}

function openSession(client: pg.PoolClient, url: string, onRelease: () => void): Session {
  const { processID: backendPid } = client as unknown as { readonly processID: number };
  let released = false;
  const ignore = (): void => undefined;
  // A session that breaks between two statements is noticed by the next one.
  client.on('error', ignore);
  return {
    client,
    backendPid,
    cancel: () => cancelBackend(url, backendPid),
    release: async () => {
      if (released) return;
      released = true;
      onRelease();
      const broken = await reset(client).then(
        () => undefined,
        (error: Error) => error,
      );
      client.removeListener('error', ignore);
      client.release(broken);
    },
  };
}

async function reset(client: pg.PoolClient): Promise<void> {
  if (client.getTransactionStatus() !== 'I') await client.query('rollback');
  await client.query('discard all');
}

async function cancelBackend(url: string, pid: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_cancel_backend($1)', [pid]);
  } finally {
    await client.end();
  }
}
