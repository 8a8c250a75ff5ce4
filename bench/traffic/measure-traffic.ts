import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { BenchServer } from '../bench-server.ts';
import type { TrafficFacts, TrafficPhaseName } from '../facts.ts';
import { type LockkeeperRun, runLockkeeper, TARGET_BATCH_MS } from '../lockkeeper-way.ts';
import type { BenchOptions } from '../options.ts';
import { SHAPES, SYNC_TRIGGER } from '../shapes.ts';
import { backfillSeconds } from './backfill-seconds.ts';
import { startTraffic, type Traffic } from './start-traffic.ts';

const PER_SECOND = 300;
/** Connections are opened, statements prepared and pages read in this time; it is not measured. */
const WARM_UP_MS = 3_000;
/** SQLSTATE of a statement that is cancelled when its time is up. */
const CANCELLED = '57014';

/**
 * What an application feels while nothing, the backfill and, unless `withUpdate` is false, one UPDATE
 * runs, one after the other on one table. A phase ends after its time, whether or not the table is
 * finished.
 */
export async function measureTraffic(
  server: BenchServer,
  options: BenchOptions,
  { withUpdate = true }: { readonly withUpdate?: boolean } = {},
): Promise<TrafficFacts> {
  const fresh = await server.fresh('bigint');
  try {
    await prepare(fresh.url);
    const { rows, seed, trafficSeconds } = options;
    const traffic = await startTraffic({ url: fresh.url, perSecond: PER_SECOND, rows, seed });
    const forMs = trafficSeconds * 1_000;
    let moved: Moved = { rowsPerSecond: undefined, batches: [] };
    let newWalFiles = 0;
    try {
      await sleep(WARM_UP_MS);
      await phase(traffic, 'idle', () => sleep(forMs));
      const walFiles = await server.walFiles();
      moved = await phase(traffic, 'lockkeeper', () => backfill(fresh.url, forMs));
      newWalFiles = (await server.walFiles()) - walFiles;
      if (withUpdate) {
        await sleep(WARM_UP_MS);
        await phase(traffic, 'single-update', () => updateFor(fresh.url, forMs));
      }
    } catch (error) {
      // Before its database goes away: what the thread says about that would hide the reason.
      await traffic.stop();
      throw error;
    }
    const { phases, timeline } = await traffic.stop();
    const startedAt = phases.find(({ name }) => name === 'lockkeeper')?.startedAt ?? 0;
    return {
      perSecond: PER_SECOND,
      targetBatchMs: TARGET_BATCH_MS,
      timeline,
      newWalFiles,
      backfill: backfillSeconds(moved.batches, startedAt),
      phases: phases.map((measured) => ({
        ...measured,
        rowsPerSecond: measured.name === 'lockkeeper' ? moved.rowsPerSecond : undefined,
      })),
    };
  } finally {
    await fresh.drop();
  }
}

async function prepare(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const sql of SYNC_TRIGGER) await client.query(sql);
  } finally {
    await client.end();
  }
}

async function phase<T>(
  traffic: Traffic,
  name: TrafficPhaseName,
  work: () => Promise<T>,
): Promise<T> {
  traffic.mark(name);
  const result = await work();
  traffic.mark(undefined);
  return result;
}

/** What the backfill did in its phase, which begins and ends with it. */
interface Moved extends Pick<LockkeeperRun, 'batches'> {
  readonly rowsPerSecond: number | undefined;
}

async function backfill(url: string, forMs: number): Promise<Moved> {
  const start = performance.now();
  const { rows, batches } = await runLockkeeper({ url, shape: 'bigint', hopMs: 0, forMs });
  return { rowsPerSecond: (rows / (performance.now() - start)) * 1_000, batches };
}

/** One UPDATE that is cancelled when the phase is over: it has shown what it does to traffic by then. */
async function updateFor(url: string, forMs: number): Promise<void> {
  const { column, expression } = SHAPES.bigint.target;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`set statement_timeout = ${forMs}`);
    await client.query(`update items set ${column} = ${expression}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === CANCELLED)) throw error;
  } finally {
    await client.end();
  }
}
