import pg from 'pg';
import { connect } from '../../lib/cli/connect.ts';
import type { Connection } from '../../lib/cli/connection.ts';
import { silentOutput } from '../../lib/cli/output.ts';
import { openProject } from '../../lib/cli/project.ts';
import type { MigrationId } from '../../lib/core/ids.ts';
import { startTraffic, type Traffic } from '../../lib/demo/traffic/start-traffic.ts';
import { readEmbeddedDescription } from '../../lib/local/embedded-description.ts';
import { OBSERVER } from '../armed.ts';
import { runHere } from '../command-line.ts';
import type { Workplace } from '../operate.ts';
import type { KillMoment } from './moments.ts';
import { type Runtime, startRuntime } from './start-runtime.ts';
import { DEMO_MIGRATION, stateDirectoryOf } from './template.ts';

/** Which versions of the application are on. */
export interface Versions {
  readonly old: number;
  readonly new: number;
}

/** A project with a runtime, and applications that use its database. */
export interface Site extends Workplace {
  readonly runtime: Runtime;
  readonly traffic: Traffic;
  readonly pool: pg.Pool;
  /** What the applications do from now on, across restarts. */
  setVersions(versions: Versions): Promise<void>;
  /** After it died: the next runtime on the same state, and the applications connect again. */
  restart(): Promise<void>;
  /** Lets go of whatever still runs. @returns calls of the functions since the last start */
  close(): Promise<number>;
}

/** Both versions together; enough to have a write in flight at nearly every moment. */
const TRAFFIC = { ratePerSecond: 25, clients: 3 } as const;

/** Snapshots are looked at twenty times as often; the other waits are those of retries. */
const WAIT_SCALE = 0.05;

interface Open {
  readonly runtime: Runtime;
  readonly observer: Connection;
  readonly traffic: Traffic;
  readonly pool: pg.Pool;
}

export async function openSite(
  root: string,
  seed: number,
  kills: readonly KillMoment[],
): Promise<Site> {
  const stateDirectory = stateDirectoryOf(root);
  let versions: Versions = { old: 1, new: 0 };
  let starts = 0;

  const open = async (): Promise<Open> => {
    const moment = kills[starts];
    const runtime = await startRuntime({
      stateDirectory,
      waitScale: WAIT_SCALE,
      ...(moment !== undefined && { kill: moment }),
    });
    const observer = await connect(await openProject(root), { as: OBSERVER }, silentOutput);
    const { databaseUrl } = await readEmbeddedDescription(stateDirectory);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    starts += 1;
    const traffic = await startTraffic({
      ...TRAFFIC,
      connectionString: databaseUrl,
      versions,
      seed: seed + starts,
    });
    return { runtime, observer, traffic, pool };
  };
  let now = await open();

  const leave = async ({ observer, traffic, pool }: Open): Promise<void> => {
    await traffic.stop().catch(() => undefined);
    await observer.close();
    await pool.end();
  };

  return {
    get runtime() {
      return now.runtime;
    },
    get traffic() {
      return now.traffic;
    },
    get pool() {
      return now.pool;
    },
    get observer() {
      return now.observer;
    },
    lockkeeper: (argv) => runHere(root, argv),
    executions: async () => {
      const migrationId = DEMO_MIGRATION as MigrationId;
      const found = await now.observer.control.listExecutions({ migrationId, limit: 10 });
      return found.map(({ executionId }) => executionId);
    },
    setVersions: async (next) => {
      versions = next;
      // A runtime that just died took the connections with it; the next traffic begins with these.
      await now.traffic.setShare('new', next.new).catch(() => undefined);
      await now.traffic.setShare('old', next.old).catch(() => undefined);
    },
    restart: async () => {
      await now.runtime.gone;
      await leave(now);
      now = await open();
    },
    close: async () => {
      const calls = now.runtime.isGone() ? 0 : await ended(now);
      return calls;
    },
  };

  async function ended(last: Open): Promise<number> {
    await leave(last);
    return last.runtime.stop();
  }
}
