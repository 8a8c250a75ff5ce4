import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPortFree } from '../postgres/free-port.ts';
import { type PostgresServer, startServer } from '../postgres/server.ts';
import type { ServerSettings } from '../postgres/server-settings.ts';
import { giveToServer } from './copy-data-directory.ts';

/** The superuser of every cluster; customers never get it, as on RDS. */
export const ADMIN = 'rdsadmin';

/** What is needed to run one cluster's server. */
export interface ServedCluster {
  readonly resourceId: string;
  readonly adminPassword: string;
  readonly port: number | undefined;
}

/** Keeps a cluster's server running until it is let go. */
export interface Hold {
  readonly server: PostgresServer;
  release(): Promise<void>;
}

/**
 * The running servers. A server runs while anybody holds it: an instance holds it for as long as
 * it exists, a snapshot of a cluster without instances for as long as it copies.
 */
export interface ClusterServers {
  dataDirectory(resourceId: string): string;
  hold(cluster: ServedCluster): Promise<Hold>;
  running(resourceId: string): PostgresServer | undefined;
  /** Settles when nobody holds the cluster and its server is down. */
  idle(resourceId: string): Promise<void>;
  /** Stops all servers, whoever holds them. */
  close(): Promise<void>;
}

interface Slot {
  holders: number;
  server: PostgresServer | undefined;
  /** Starts and stops of one cluster happen one after the other. */
  turn: Promise<unknown>;
}

/** Restores to a moment of the past need it; an idle cluster does not fill it. */
const KEPT_WAL: ServerSettings = { wal_keep_size: '512MB' };

/** RDS restarts a crashed instance by itself; so do we, after a breath. */
const RESTART_DELAY_MS = 200;
const IDLE_POLL_MS = 25;

/** @param onProblem told when a crashed server does not come back */
export function openClusterServers(
  root: string,
  settings: ServerSettings,
  onProblem: (message: string) => void,
): ClusterServers {
  const slots = new Map<string, Slot>();
  let closing = false;
  const dataDirectory = (resourceId: string): string => join(root, 'clusters', resourceId, 'data');

  const slotOf = (resourceId: string): Slot => {
    const slot = slots.get(resourceId) ?? {
      holders: 0,
      server: undefined,
      turn: Promise.resolve(),
    };
    slots.set(resourceId, slot);
    return slot;
  };

  const inTurn = <T>(slot: Slot, work: () => Promise<T>): Promise<T> => {
    const result = slot.turn.then(work);
    slot.turn = result.catch(() => undefined);
    return result;
  };

  const start = async (slot: Slot, cluster: ServedCluster): Promise<PostgresServer> => {
    const folder = join(root, 'clusters', cluster.resourceId);
    await mkdir(folder, { recursive: true });
    await giveToServer(folder, 0o700);
    const { port } = cluster;
    const server = await startServer({
      dataDirectory: dataDirectory(cluster.resourceId),
      superuser: { username: ADMIN, password: cluster.adminPassword },
      settings: { ...KEPT_WAL, ...settings },
      ...(port !== undefined && (await isPortFree(port)) && { port }),
    });
    slot.server = server;
    void server.exited.then(() => crashed(slot, server, cluster));
    return server;
  };

  const crashed = async (
    slot: Slot,
    server: PostgresServer,
    cluster: ServedCluster,
  ): Promise<void> => {
    if (slot.server !== server) return;
    slot.server = undefined;
    await sleep(RESTART_DELAY_MS);
    await inTurn(slot, async () => {
      if (closing || slot.holders === 0 || slot.server !== undefined) return;
      // The same port: whoever knew the server finds it again.
      await start(slot, { ...cluster, port: server.port });
    }).catch((error: Error) => onProblem(`${cluster.resourceId} is down: ${error.message}`));
  };

  const stop = async (slot: Slot): Promise<void> => {
    const { server } = slot;
    slot.server = undefined;
    await server?.stop();
  };

  return {
    dataDirectory,
    running: (resourceId) => slots.get(resourceId)?.server,
    hold: async (cluster) => {
      const slot = slotOf(cluster.resourceId);
      slot.holders += 1;
      let held = true;
      const release = async (): Promise<void> => {
        if (!held) return;
        held = false;
        slot.holders -= 1;
        await inTurn(slot, async () => {
          if (slot.holders === 0) await stop(slot);
        });
      };
      try {
        const server = await inTurn(slot, async () => slot.server ?? start(slot, cluster));
        return { server, release };
      } catch (error) {
        await release();
        throw error;
      }
    },
    idle: async (resourceId) => {
      const slot = slotOf(resourceId);
      while (slot.holders > 0) await sleep(IDLE_POLL_MS);
      await slot.turn;
    },
    close: async () => {
      closing = true;
      await Promise.all([...slots.values()].map((slot) => inTurn(slot, () => stop(slot))));
    },
  };
}
