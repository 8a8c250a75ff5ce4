import type pg from 'pg';

/**
 * Lets a pool outlive its connections. One that breaks while it is idle is replaced, and one in use
 * fails its next statement, so nobody needs the event; without a listener it would end the process.
 * That holds for connections that are about to end too: a pool is over before they are.
 */
export function outliveConnections(pool: pg.Pool): void {
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
}
