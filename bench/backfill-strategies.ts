/**
 * Compares ways to fill a new column on a real server:
 * `node bench/backfill-strategies.ts [rows] [rounds]`.
 *
 * Each way starts from the same fresh table. Machines differ and wander, so what counts is the
 * ratio to the single UPDATE of the same round, and its median over the rounds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  durationMs,
  type ExecutionId,
  epochMs,
  fencingToken,
  type StepId,
} from '../lib/core/ids.ts';
import type { BackfillStep } from '../lib/core/plan/plan.ts';
import { runBackfillSlice } from '../lib/engine/backfill/run-backfill-slice.ts';
import { pgDatabase } from '../lib/local/pg-database.ts';
import { makePrivateDirectory } from '../lib/local/postgres/data-directory.ts';
import { startServer } from '../lib/local/postgres/server.ts';
import type { Database } from '../lib/ports/database.ts';
import { createCheckpoint } from '../lib/postgres/backfill/checkpoint.ts';
import { BACKFILL_STATEMENTS } from '../lib/postgres/backfill/schema.ts';
import { adoptFence, type Fence } from '../lib/postgres/ledger/fence.ts';
import { LEDGER_STATEMENTS } from '../lib/postgres/ledger/schema.ts';

const ROWS = Number(process.argv[2] ?? 200_000);
const ROUNDS = Number(process.argv[3] ?? 1);
/** The distance between a function and the Data API in one region. */
const HOP_MS = 10;

interface Way {
  readonly name: string;
  readonly fillfactor?: number;
  run(bench: Bench): Promise<void>;
}

interface Bench {
  readonly pool: pg.Pool;
  readonly database: Database;
}

const WAYS: readonly Way[] = [
  {
    name: 'single UPDATE',
    run: async ({ pool }) => {
      await pool.query('update items set email_lower = lower(email)');
    },
  },
  { name: 'plain ranges', run: (bench) => lockkeeper(bench, { plain: true }) },
  { name: 'strided', run: (bench) => lockkeeper(bench, {}) },
  { name: 'strided, 250 ms a batch', run: (bench) => lockkeeper(bench, { targetMs: 250 }) },
  { name: `strided, ${HOP_MS} ms a hop`, run: (bench) => lockkeeper(bench, { hopMs: HOP_MS }) },
  {
    name: `strided, 250 ms a batch, ${HOP_MS} ms a hop`,
    run: (bench) => lockkeeper(bench, { hopMs: HOP_MS, targetMs: 250 }),
  },
  { name: "pgroll's shape, 1000 rows", run: (bench) => pgrollShape(bench, 1_000) },
  { name: "pgroll's shape, 5000 rows", run: (bench) => pgrollShape(bench, 5_000) },
  {
    name: 'fillfactor 70: single UPDATE',
    fillfactor: 70,
    run: async ({ pool }) => {
      await pool.query('update items set email_lower = lower(email)');
    },
  },
  { name: 'fillfactor 70: strided', fillfactor: 70, run: (bench) => lockkeeper(bench, {}) },
];

async function lockkeeper(
  { pool, database }: Bench,
  options: { readonly plain?: boolean; readonly hopMs?: number; readonly targetMs?: number },
): Promise<void> {
  const fence: Fence = {
    executionId: '0001_bench-aaaa' as ExecutionId,
    token: fencingToken(1),
  };
  await adoptFence(database, fence);
  const step = stepOf(options.targetMs ?? 100);
  await createCheckpoint(database, step, fence, step.stepId, ROWS);
  if (options.plain === true) {
    // What a run that had measured striding as useless would leave behind.
    await pool.query('update lockkeeper.backfills set hot_strided = 0');
  }
  const clock = {
    now: () => epochMs(Date.now()),
    sleep: (duration: number) => sleep(duration),
    random: Math.random,
  };
  const outcome = await runBackfillSlice(step, {
    database: options.hopMs === undefined ? database : distant(database, options.hopMs),
    clock,
    fence,
    until: epochMs(Date.now() + 3_600_000),
    flags: async () => ({ paused: false, abort: undefined }),
    report: async (progress) => {
      if (process.env['VERBOSE'] === '1') print(progress.note ?? '');
    },
  });
  if (outcome.kind !== 'done' || outcome.rows !== ROWS) {
    throw new TypeError(`the backfill ended as ${JSON.stringify(outcome)}`);
  }
}

/** The same database, further away. */
function distant(database: Database, hopMs: number): Database {
  return {
    ...database,
    query: async (sql, parameters) => {
      await sleep(hopMs);
      return await database.query(sql, parameters);
    },
    execute: async (sql, parameters) => {
      await sleep(hopMs);
      return await database.execute(sql, parameters);
    },
    transaction: async (work) => {
      // BEGIN, the two statements of a batch, COMMIT.
      await sleep(4 * hopMs);
      return await database.transaction(work);
    },
  };
}

/** A marker column, a trigger that does the work, batches that touch the key of marked rows. */
async function pgrollShape({ pool }: Bench, batch: number): Promise<void> {
  await pool.query('alter table items add column needs_backfill boolean default true');
  await pool.query(`create function fill() returns trigger language plpgsql as $$
    begin new.email_lower := lower(new.email); new.needs_backfill := false; return new; end $$`);
  await pool.query(
    'create trigger fill before insert or update on items for each row execute function fill()',
  );
  let last = '-1';
  for (;;) {
    const { rows } = await pool.query<{ last: string | null }>(
      `with batch as (
         select id from items where needs_backfill and id > ${last} order by id limit ${batch} for no key update
       ), updated as (
         update items set id = items.id from batch where items.id = batch.id returning items.id
       ) select max(id)::text as last from updated`,
    );
    const next = rows[0]?.last;
    if (next === null || next === undefined) return;
    last = next;
  }
}

function stepOf(targetMs: number): BackfillStep {
  return {
    kind: 'backfill',
    stepId: 'fill' as StepId,
    phase: 'migrate',
    table: { schema: 'public', name: 'items' },
    key: [{ name: 'id', type: 'bigint' }],
    work: { kind: 'update', set: { email_lower: 'lower(email)' }, where: undefined },
    pacing: {
      targetBatchMs: durationMs(targetMs),
      minRows: 100,
      maxRows: 50_000,
      pauseMs: durationMs(0),
      quarantineLimit: 0,
    },
    estimatedRows: ROWS,
    undo: { kind: 'nothing', why: 'a benchmark' },
    wayBack: { kind: 'structural', loses: 'nothing' },
  };
}

/** About 170 bytes a row and two indexes beside the key. */
async function freshTable(pool: pg.Pool, fillfactor: number): Promise<void> {
  await pool.query('drop table if exists items; drop function if exists fill()');
  await pool.query('truncate lockkeeper.backfills, lockkeeper.fence');
  await pool.query(`create table items (id bigint primary key, email text not null, status int not null,
    created_at timestamptz not null, payload text not null, email_lower text) with (fillfactor = ${fillfactor}, autovacuum_enabled = off)`);
  await pool.query(`insert into items select n, 'User.' || n || '@Example.com', n % 7,
    timestamptz '2024-01-01' + n * interval '1 second', repeat(md5(n::text), 3), null
    from generate_series(1, ${ROWS}) n`);
  await pool.query('create index items_email on items (email)');
  await pool.query('create index items_created on items (created_at, status)');
  await pool.query('vacuum analyze items');
  await pool.query('checkpoint');
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-bench-'));
  await makePrivateDirectory(directory);
  const server = await startServer({
    dataDirectory: join(directory, 'data'),
    superuser: { username: 'postgres', password: 'bench' },
    settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
    removeAfterwards: directory,
  });
  const pool = new pg.Pool({ connectionString: server.url(), max: 4 });
  const database = pgDatabase({ url: server.url() });
  try {
    for (const sql of [...LEDGER_STATEMENTS, ...BACKFILL_STATEMENTS]) await database.execute(sql);
    const results = new Map<Way, Result[]>(WAYS.map((way) => [way, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      let single = Number.NaN;
      for (const way of WAYS) {
        const measured = await measureWay(way, { pool, database });
        if (way.name === 'single UPDATE') single = measured.rate;
        results.get(way)?.push({ ...measured, ratio: measured.rate / single });
      }
    }
    print(`${`${ROWS} rows, median of ${ROUNDS}`.padEnd(WIDTH)}   rows/s  ratio  heap   HOT`);
    for (const [way, measured] of results) print(line(way, measured));
  } finally {
    await database.close();
    await pool.end();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Result {
  readonly rate: number;
  /** To the single UPDATE of the same round. */
  readonly ratio: number;
  readonly growth: number;
  readonly hotPercent: number;
}

async function measureWay(way: Way, bench: Bench): Promise<Omit<Result, 'ratio'>> {
  const { pool } = bench;
  await freshTable(pool, way.fillfactor ?? 100);
  const before = await sizeOf(pool);
  const start = performance.now();
  await way.run(bench);
  const rate = ROWS / ((performance.now() - start) / 1_000);
  const growth = (await sizeOf(pool)) / before;
  return { rate, growth, hotPercent: await hotPercent(pool) };
}

/** The longest name of a way. */
const WIDTH = 42;

function line(way: Way, measured: readonly Result[]): string {
  const middle = (of: (result: Result) => number): number =>
    measured.map(of).sort((a, b) => a - b)[Math.floor(measured.length / 2)] ?? Number.NaN;
  const rate = middle(({ rate }) => rate).toFixed(0);
  const ratio = middle(({ ratio }) => ratio).toFixed(2);
  const growth = middle(({ growth }) => growth).toFixed(2);
  const hot = middle(({ hotPercent }) => hotPercent).toFixed(0);
  return `${way.name.padEnd(WIDTH)} ${rate.padStart(8)} ${ratio.padStart(6)}  ${growth}x  ${hot}%`;
}

async function sizeOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query(`select pg_relation_size('items')::float8 as size`);
  return rows[0].size;
}

async function hotPercent(pool: pg.Pool): Promise<number> {
  // Idle sessions publish their figures after a second or so.
  await sleep(1_500);
  const { rows } = await pool.query(
    `select coalesce(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 0)::float8 as percent
     from pg_stat_user_tables where relname = 'items'`,
  );
  return rows[0].percent;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
