import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import { openScratchServer } from '../../../lib/local/postgres/scratch-server.ts';
import type { PostgresServer } from '../../../lib/local/postgres/server.ts';
import type { Database } from '../../../lib/ports/database.ts';
import { loadSources } from '../../../lib/postgres/backfill/load-sources.ts';
import { readTableLoad } from '../../../lib/postgres/backfill/table-load.ts';

let server: PostgresServer;
let database: Database;
beforeAll(async () => {
  // A segment that is switched is not filled with zeros, which would be all that this test does.
  server = await openScratchServer({ archive_mode: 'on', wal_init_zero: 'off' });
  database = pgDatabase({ url: server.url('postgres') });
  await database.execute('create table items (id int)');
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

async function archiveWith(command: 'true' | 'false'): Promise<void> {
  await database.submit(`alter system set archive_command = '${command}'`);
  await database.query('select pg_reload_conf()');
}

async function switchSegments(number: number): Promise<void> {
  for (let segment = 0; segment < number; segment += 1) {
    await database.execute('insert into items values (1)');
    await database.query('select pg_switch_wal()::text');
  }
}

async function backlog(archive: 'ready-files' | 'segments') {
  const table = { schema: 'public', name: 'items' };
  const sources = { replicas: 'streaming', archive } as const;
  return (await readTableLoad(database, table, 'nobody', sources)).signals.archiveBacklog;
}

/** The archiver is told by a signal, and after a failure it waits. */
async function eventually<T>(ask: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await ask();
    if (wanted(found) || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('WAL that waits to be archived', () => {
  it('is listed, where the role may, and else counted from what was archived last', async () => {
    // GIVEN archiving that never worked
    expect((await loadSources(database)).archive).toBe('ready-files');
    expect(await backlog('segments')).toBe(0);
    await archiveWith('false');
    await switchSegments(3);

    // THEN it is known how many wait only by looking
    expect(await backlog('ready-files')).toBe(3);
    expect(
      await eventually(
        () => backlog('segments'),
        (found) => found !== 0,
      ),
    ).toBe('unreadable');

    // WHEN it works again
    await archiveWith('true');
    await database.query('select pg_switch_wal()::text');

    // THEN
    expect(
      await eventually(
        () => backlog('ready-files'),
        (found) => found === 0,
      ),
    ).toBe(0);
    expect(
      await eventually(
        () => backlog('segments'),
        (found) => found === 0,
      ),
    ).toBe(0);

    // WHEN it fails once more, THEN both ways tell the same
    await archiveWith('false');
    await switchSegments(4);
    expect(await backlog('ready-files')).toBe(4);
    expect(await backlog('segments')).toBe(4);
  });

  it('is counted for a role that may not list it', async () => {
    await database.submit(`create role app login password 'app'`);
    const url = new URL(server.url('postgres'));
    url.username = 'app';
    url.password = 'app';
    const app = pgDatabase({ url: url.href });
    try {
      expect((await loadSources(app)).archive).toBe('segments');
    } finally {
      await app.close();
    }
  });
});
