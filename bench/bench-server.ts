import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makePrivateDirectory } from '../lib/local/postgres/data-directory.ts';
import { type PostgresServer, startServer } from '../lib/local/postgres/server.ts';
import type { ServerSettings } from '../lib/local/postgres/server-settings.ts';
import { BACKFILL_STATEMENTS } from '../lib/postgres/backfill/schema.ts';
import { LEDGER_STATEMENTS } from '../lib/postgres/ledger/schema.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

/**
 * Larger than the defaults of the embedded server, as a production server's are; durability is
 * PostgreSQL's own. WAL files are kept to be written again, as a server does that is busy all the time.
 */
export const SERVER_SETTINGS = {
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  min_wal_size: '4GB',
} as const;

/** A database of its own, with a table `items` as it was before anything moved. */
export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A server whose tables are loaded once and copied for each measurement. */
export interface BenchServer {
  readonly version: string;
  url(database: string): string;
  /** Runs one statement after the other in `database`. */
  run(database: string, statements: readonly string[]): Promise<void>;
  load(shape: ShapeName, rows: number, seed: number): Promise<void>;
  unload(shape: ShapeName): Promise<void>;
  /** Writes so much WAL, and leaves its files to be written again. */
  writeWal(bytes: number): Promise<void>;
  /** WAL files that there are, written or not. */
  walFiles(): Promise<number>;
  /** A copy of the loaded table of a shape. */
  fresh(shape: ShapeName): Promise<FreshDatabase>;
  close(): Promise<void>;
}

/**
 * Starts an embedded server on a directory that is gone when it ends.
 * @param settings over those of `SERVER_SETTINGS`
 */
export async function openBenchServer(settings: ServerSettings = {}): Promise<BenchServer> {
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-bench-'));
  await makePrivateDirectory(directory);
  const server = await startServer({
    dataDirectory: join(directory, 'data'),
    superuser: { username: 'postgres', password: 'bench' },
    settings: { ...SERVER_SETTINGS, ...settings },
    removeAfterwards: directory,
  });
  const run: BenchServer['run'] = (database, statements) => runOn(server, database, statements);
  let copies = 0;
  return {
    version: await versionOf(server),
    url: (database) => server.url(database),
    run,
    load: async (shape, rows, seed) => {
      await run('postgres', [`create database ${shape}`]);
      await run(shape, [
        ...LEDGER_STATEMENTS,
        ...BACKFILL_STATEMENTS,
        ...SHAPES[shape].statements(rows, seed),
      ]);
    },
    unload: (shape) => run('postgres', [`drop database ${shape}`]),
    writeWal: (bytes) =>
      run('postgres', [
        `select pg_logical_emit_message(false, 'bench', repeat('x', 1000000))
         from generate_series(1, ${Math.ceil(bytes / 1_000_000)})`,
        'checkpoint',
      ]),
    walFiles: () => countWalFiles(server),
    fresh: async (shape) => {
      copies += 1;
      const name = `copy_${copies}`;
      // Files are copied after a checkpoint, so a measurement starts with clean buffers.
      await run('postgres', [`create database ${name} template ${shape} strategy file_copy`]);
      return {
        url: server.url(name),
        drop: () => run('postgres', [`drop database ${name} with (force)`, 'checkpoint']),
      };
    },
    close: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function runOn(
  server: PostgresServer,
  database: string,
  statements: readonly string[],
): Promise<void> {
  return connected(server.url(database), async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

async function versionOf(server: PostgresServer): Promise<string> {
  return String(await ask(server, `select current_setting('server_version')`));
}

async function countWalFiles(server: PostgresServer): Promise<number> {
  return Number(await ask(server, `select count(*) from pg_ls_waldir()`));
}

/** @returns the one value of the one row */
function ask(server: PostgresServer, sql: string): Promise<unknown> {
  return connected(server.url(), async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
