import { averaged } from './average.ts';
import { openBenchServer } from './bench-server.ts';
import { type Case, casesOf, HOP_MS, rowsOf } from './cases.ts';
import type { BenchFacts, CaseResult, TrafficFacts } from './facts.ts';
import { describeMachine } from './machine.ts';
import { measureCase } from './measure-case.ts';
import { measureParity } from './measure-parity.ts';
import { measurePoison } from './measure-poison.ts';
import type { BenchOptions } from './options.ts';
import { hasPgroll } from './pgroll-binary.ts';
import { measurePlatform } from './platform/measure-platform.ts';
import type { ShapeName } from './shapes.ts';
import { measureSyncCost } from './sync-cost/measure-sync-cost.ts';
import { measureTraffic } from './traffic/measure-traffic.ts';

/** Bytes of the way that writes most, so that no way has to make the files that others write again. */
const MOST_WAL_A_ROW = 1_000;

/** Measures everything, one thing at a time. @param tell says what is done next */
export async function measureAll(
  options: BenchOptions,
  tell: (line: string) => void,
): Promise<BenchFacts> {
  const started = performance.now();
  const machine = describeMachine();
  tell('measuring handlers, workflow and synthesis');
  const platform = await measurePlatform(options);
  const server = await openBenchServer();
  try {
    await server.writeWal(options.rows * MOST_WAL_A_ROW);
    const results: CaseResult[] = [];
    for (const [shape, cases] of byShape(casesOf(hasPgroll()))) {
      const rows = rowsOf(shape, options);
      tell(`loading ${rows} rows: ${shape}`);
      await server.load(shape, rows, options.seed);
      for (const measured of cases) {
        tell(`measuring ${measured.name}`);
        results.push(await measureCase(server, measured, rows));
      }
      if (shape !== 'bigint') await server.unload(shape);
    }
    tell('measuring what comparing costs');
    const parity = {
      near: await measureParity(server, 0),
      far: await measureParity(server, HOP_MS),
    };
    tell('measuring what a bad row costs');
    const poison = await measurePoison(server, rowsOf('bigint', options));
    tell('measuring what sync triggers cost');
    const sync = await measureSyncCost(server, options);
    tell('measuring traffic');
    const traffic = await measureTraffic(server, options);
    tell('measuring traffic on a server that has to make WAL files');
    const trafficOnNewServer = await onNewServer(options);
    return {
      run: {
        ...machine,
        date: new Date().toISOString().slice(0, 10),
        postgres: server.version,
        seed: options.seed,
        rows: options.rows,
        minutes: (performance.now() - started) / 60_000,
      },
      cases: averaged(results),
      sync,
      parity,
      poison,
      traffic,
      trafficOnNewServer,
      platform,
    };
  } finally {
    await server.close();
  }
}

/** A server as `initdb` leaves it: it keeps five WAL files, and makes all others when they are needed. */
async function onNewServer(options: BenchOptions): Promise<TrafficFacts> {
  const server = await openBenchServer({ min_wal_size: '80MB' });
  try {
    await server.load('bigint', rowsOf('bigint', options), options.seed);
    return await measureTraffic(server, options, { withUpdate: false });
  } finally {
    await server.close();
  }
}

function byShape(cases: readonly Case[]): ReadonlyMap<ShapeName, readonly Case[]> {
  return Map.groupBy(cases, ({ shape }) => shape);
}
