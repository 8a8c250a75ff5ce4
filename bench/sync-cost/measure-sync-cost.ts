import pg from 'pg';
import type { BenchServer } from '../bench-server.ts';
import type { SyncFacts } from '../facts.ts';
import type { BenchOptions } from '../options.ts';
import { createTable, pgrollTriggers, prepareLockkeeper, type SyncWay } from './sync-tables.ts';

const WAYS: readonly SyncWay[] = ['none', 'lockkeeper', 'pgroll'];
const ROUNDS = 5;

/** What an application's own bulk statements do while a column is kept in step. */
const STATEMENTS = {
  synced: 'update items set status = status + 1',
  other: `update items set payload = payload || 'x'`,
  insert: `insert into items (id, email, status, created_at, payload)
    select id + 100000000, email, status, created_at, payload from items`,
} as const;

/**
 * The same statements on three copies of a table, one after the other in each round, so that what
 * disturbs the machine disturbs all three; the median of the rounds counts. Everything is rolled back
 * and vacuumed, so that no round pays for the one before it.
 */
export async function measureSyncCost(
  server: BenchServer,
  { syncRows }: BenchOptions,
): Promise<SyncFacts> {
  const clients = new Map<SyncWay, pg.Client>();
  try {
    for (const way of WAYS) clients.set(way, await openTable(server, way, syncRows));
    const seconds = (statement: string) => measure(clients, statement);
    return {
      rows: syncRows,
      synced: await seconds(STATEMENTS.synced),
      other: await seconds(STATEMENTS.other),
      insert: await seconds(STATEMENTS.insert),
    };
  } finally {
    for (const [way, client] of clients) {
      await client.end();
      await server.run('postgres', [`drop database ${databaseOf(way)} with (force)`]);
    }
  }
}

const databaseOf = (way: SyncWay) => `sync_${way}`;

async function openTable(server: BenchServer, way: SyncWay, rows: number): Promise<pg.Client> {
  const database = databaseOf(way);
  await server.run('postgres', [`create database ${database}`]);
  await server.run(database, createTable(rows));
  if (way === 'lockkeeper') await prepareLockkeeper(server.url(database));
  if (way === 'pgroll') await server.run(database, pgrollTriggers());
  const client = new pg.Client({ connectionString: server.url(database) });
  await client.connect();
  return client;
}

async function measure(
  clients: ReadonlyMap<SyncWay, pg.Client>,
  statement: string,
): Promise<Readonly<Record<SyncWay, number>>> {
  const times: Record<SyncWay, number[]> = { none: [], lockkeeper: [], pgroll: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [way, client] of clients) {
      await client.query('vacuum items');
      await client.query('begin');
      const start = performance.now();
      await client.query(statement);
      times[way].push((performance.now() - start) / 1_000);
      await client.query('rollback');
    }
  }
  return {
    none: median(times.none),
    lockkeeper: median(times.lockkeeper),
    pgroll: median(times.pgroll),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
