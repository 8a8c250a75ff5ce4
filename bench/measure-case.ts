import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { BenchServer } from './bench-server.ts';
import type { Case } from './cases.ts';
import type { CaseResult } from './facts.ts';
import { runLockkeeper } from './lockkeeper-way.ts';
import { pgrollTarget, preparePgroll, runPgrollBinary } from './pgroll-binary.ts';
import { pgrollPreparation, runPgrollShape } from './pgroll-way.ts';
import { SHAPES, SYNC_TRIGGER, type Target } from './shapes.ts';
import { runSingleUpdate } from './single-update.ts';

const POLL_MS = 10;

/** What was moved, and what the way said about itself. */
interface Moved {
  readonly rows: number;
  readonly strategies?: readonly string[];
}

/** Runs a case on a fresh table and looks at what it left behind. @param tableRows rows of the table */
export async function measureCase(
  server: BenchServer,
  measured: Case,
  tableRows: number,
): Promise<CaseResult> {
  const filled = SHAPES[measured.shape].target;
  const target = measured.way.kind === 'pgroll-binary' ? pgrollTarget(filled) : filled;
  const fresh = await server.fresh(measured.shape);
  const observer = new pg.Client({ connectionString: fresh.url });
  await observer.connect();
  try {
    if (measured.syncTrigger) for (const sql of SYNC_TRIGGER) await observer.query(sql);
    if (measured.way.kind === 'pgroll') {
      for (const sql of pgrollPreparation(target)) await observer.query(sql);
    }
    if (measured.way.kind === 'pgroll-binary') await preparePgroll(fresh.url);
    const before = await traceOf(observer);
    const start = performance.now();
    const moved = await runWay(measured, fresh.url);
    const seconds = (performance.now() - start) / 1_000;
    const after = await traceOf(observer);
    return {
      id: measured.id,
      name: measured.name,
      rows: moved.rows,
      rounds: 1,
      seconds,
      rowsPerSecond: moved.rows / seconds,
      heapGrowth: after.heapBytes / before.heapBytes,
      walBytesPerRow: (after.walBytes - before.walBytes) / moved.rows,
      strategies: moved.strategies ?? [],
      ...(await countMoves(observer, target, tableRows, moved.rows)),
    };
  } finally {
    await observer.end();
    await fresh.drop();
  }
}

function runWay({ way, shape }: Case, url: string): Promise<Moved> {
  switch (way.kind) {
    case 'single-update':
      return runSingleUpdate(url, SHAPES[shape].target);
    case 'lockkeeper':
      return runLockkeeper({ url, shape, hopMs: way.hopMs, workers: way.workers ?? 1 });
    case 'pgroll':
      return runPgrollShape(url, way.batchRows);
    case 'pgroll-binary':
      return runPgrollBinary(url, way.batchRows, SHAPES[shape].target);
  }
}

async function traceOf(
  client: pg.Client,
): Promise<{ readonly heapBytes: number; readonly walBytes: number }> {
  const { rows } = await client.query(
    `select pg_relation_size('items')::float8 as "heapBytes",
            pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes"`,
  );
  return rows[0];
}

/**
 * Whether each row was moved exactly once, by the server's own count: as many updates as rows that
 * hold the new value as rows that the way claims.
 */
async function countMoves(
  client: pg.Client,
  target: Target,
  expected: number,
  claimed: number,
): Promise<Pick<CaseResult, 'hotPercent' | 'problem'>> {
  await othersGone(client);
  const { rows } = await client.query<{ updates: number; hot: number; filled: number }>(
    `select n_tup_upd::float8 as updates, n_tup_hot_upd::float8 as hot,
       (select count(*) from items where ${target.column} = ${target.expression})::float8 as filled
     from pg_stat_user_tables where relname = 'items'`,
  );
  const { updates = 0, hot = 0, filled = 0 } = rows[0] ?? {};
  const once = updates === filled && filled === claimed && filled === expected;
  return {
    hotPercent: updates === 0 ? 0 : (100 * hot) / updates,
    problem: once
      ? undefined
      : `${filled} of ${expected} rows are filled by ${updates} updates, claimed were ${claimed}`,
  };
}

/** Sessions publish their counts before they are gone, and they are gone some time after they were closed. */
async function othersGone(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    if (rows.length === 0) return;
    await sleep(POLL_MS);
  }
}
