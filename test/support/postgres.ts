import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makePrivateDirectory } from '../../lib/local/postgres/data-directory.ts';
import { startServer } from '../../lib/local/postgres/server.ts';
import { THROWAWAY_SETTINGS } from '../../lib/local/postgres/server-settings.ts';

/** A database that belongs to one test. */
export interface TestDatabase {
  /** Connection string of a superuser. */
  readonly url: string;
  readonly name: string;
  /** A pool on this database; ended by `drop`. */
  pool(): pg.Pool;
  /** Ends the pools and drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

const SUPERUSER = { username: 'postgres', password: 'test' };

/**
 * Jest gives every test file its own copy of this module, but all files of a worker share a process:
 * the first file writes where its server is, the next ones find it by the process id. The server,
 * and the directory with it, go away when the worker process ends, however it ends.
 */
const PREFIX = `lockkeeper-test-postgres-${process.pid}-`;

/**
 * A new, empty database on this worker's server.
 * @param options.template database to copy, such as one with a schema in it. @default 'template1'
 */
export async function freshDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  const port = await serverPort();
  const name = `test_${process.pid}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`;
  await asSuperuser(port, `create database ${name} template ${options.template ?? 'template1'}`);
  const pools: pg.Pool[] = [];
  const url = urlOf(port, name);
  return {
    url,
    name,
    pool: () => {
      const pool = new pg.Pool({ connectionString: url, allowExitOnIdle: true });
      // A test that kills backends makes idle clients fail; the pool replaces them by itself.
      pool.on('error', () => undefined);
      pools.push(pool);
      return pool;
    },
    drop: async () => {
      await Promise.all(pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
      await asSuperuser(port, `drop database if exists ${name} with (force)`);
    },
  };
}

let starting: Promise<number> | undefined;

function serverPort(): Promise<number> {
  starting ??= findOrStart();
  return starting;
}

async function findOrStart(): Promise<number> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const directory = join(tmpdir(), name);
    const port = Number(await readFile(join(directory, 'port'), 'utf8').catch(() => ''));
    if (port > 0 && (await answers(port))) return port;
    // Left by an earlier process with the same pid whose machine went down.
    await rm(directory, { recursive: true, force: true });
  }
  const directory = await mkdtemp(join(tmpdir(), PREFIX));
  await makePrivateDirectory(directory);
  const server = await startServer({
    dataDirectory: join(directory, 'data'),
    superuser: SUPERUSER,
    settings: { ...THROWAWAY_SETTINGS, shared_buffers: '32MB', max_wal_size: '256MB' },
    removeAfterwards: directory,
  });
  await writeFile(join(directory, 'port'), String(server.port));
  return server.port;
}

function answers(port: number): Promise<boolean> {
  return asSuperuser(port, 'select 1').then(
    () => true,
    () => false,
  );
}

async function asSuperuser(port: number, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port, 'postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://${SUPERUSER.username}:${SUPERUSER.password}@127.0.0.1:${port}/${database}`;
}
