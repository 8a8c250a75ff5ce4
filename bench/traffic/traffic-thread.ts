/**
 * The application of the benchmark, in a thread of its own so that the backfill's own work does not
 * delay its clock: reads and writes of single rows by key, spread over the whole table.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { startArrivals } from '../../lib/demo/traffic/arrivals.ts';
import { randomFrom } from '../../lib/demo/traffic/random.ts';
import { outliveConnections } from '../../lib/local/postgres/outlive-connections.ts';
import { type PhaseRecorder, startRecorder } from './phase-recorder.ts';
import type { TrafficCommand, TrafficMessage, TrafficOptions } from './traffic-messages.ts';

const APPLICATION_NAME = 'bench-traffic';
/** As many connections as a small service keeps. */
const CONNECTIONS = 16;
/** How often waits are looked for; PostgreSQL notes when each began. */
const WATCH_MS = 20;
const LOCK_WAITS = `select coalesce(max(extract(epoch from clock_timestamp() - l.waitstart) * 1000), 0)::float8 as ms
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where not l.granted and l.waitstart is not null and a.application_name = '${APPLICATION_NAME}'`;

const READ = 'select email, status, payload from items where id = $1';
const WRITE = `update items set payload = md5(payload) || md5(email) || md5(status::text) where id = $1`;

async function main(options: TrafficOptions): Promise<void> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: CONNECTIONS,
    application_name: APPLICATION_NAME,
  });
  // Its database may be dropped under the last connections; a transaction that loses its own is counted.
  outliveConnections(pool);
  const now = (): number => performance.now();
  const origin = now();
  const random = randomFrom(options.seed);
  const recorders: PhaseRecorder[] = [];
  const underWay = new Set<Promise<void>>();
  let current: PhaseRecorder | undefined;

  const transact = async (dueAt: number, recorder: PhaseRecorder | undefined): Promise<void> => {
    const id = 1 + random.below(options.rows);
    const [name, text] = random.below(2) === 0 ? ['read', READ] : ['write', WRITE];
    const failed = await pool.query({ name, text, values: [id] }).then(
      () => false,
      () => true,
    );
    recorder?.ended(dueAt, now() - dueAt, failed);
  };
  const arrivals = startArrivals(options.perSecond, now, (dueAt) => {
    const transaction = transact(dueAt, current);
    underWay.add(transaction);
    void transaction.finally(() => underWay.delete(transaction));
  });
  const watch = startWatch(options.url, (ms) => current?.lockWaitSeen(ms));

  const mark = (phase: Extract<TrafficCommand, { kind: 'mark' }>['phase']): void => {
    current?.close(now());
    current = phase === undefined ? undefined : startRecorder(phase, origin, now());
    if (current !== undefined) recorders.push(current);
  };
  const stop = async (): Promise<void> => {
    mark(undefined);
    await arrivals.stop();
    await Promise.all(underWay);
    await watch.stop();
    await pool.end();
    tell({
      kind: 'report',
      phases: recorders.map((recorder) => recorder.report()),
      timeline: recorders.flatMap((recorder) => recorder.timeline()),
    });
    parentPort?.close();
  };
  parentPort?.on('message', (command: TrafficCommand) => {
    if (command.kind === 'mark') mark(command.phase);
    else void stop();
  });
  tell({ kind: 'ready' });
}

function startWatch(url: string, onWait: (ms: number) => void): { stop(): Promise<void> } {
  let stopped = false;
  const watching = (async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    while (!stopped) {
      const { rows } = await client.query<{ ms: number }>(LOCK_WAITS);
      onWait(rows[0]?.ms ?? 0);
      await sleep(WATCH_MS);
    }
    await client.end();
  })();
  return {
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
}

function tell(message: TrafficMessage): void {
  parentPort?.postMessage(message);
}

await main(workerData as TrafficOptions);
