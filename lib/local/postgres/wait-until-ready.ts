import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** How often a starting server is asked: it needs 50 to 200 ms when it was shut down in order. */
const POLL_MS = 25;

/** Errors that mean "not yet": nobody listens, the handshake was cut, or 57P03 (starting up). */
const NOT_YET: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03']);

/** How waiting for a server ended. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'exited' }
  | { readonly kind: 'timed-out' };

/**
 * Connects until the server answers a query.
 * @throws the driver's error when the server is up and refuses us for good, such as 28P01
 */
export async function waitUntilReady(
  url: string,
  hasExited: () => boolean,
  timeoutMs: number,
): Promise<Readiness> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (hasExited()) return { kind: 'exited' };
    const answer = await tryOnce(url);
    if (answer === 'ready') return { kind: 'ready' };
    await sleep(POLL_MS);
  }
  return { kind: 'timed-out' };
}

async function tryOnce(url: string): Promise<'ready' | 'not yet'> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return 'ready';
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const cut = message === 'Connection terminated unexpectedly';
    if (cut || (code !== undefined && NOT_YET.has(code))) return 'not yet';
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
