import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivateDirectory } from './data-directory.ts';
import { type PostgresServer, startServer } from './server.ts';
import { type ServerSettings, THROWAWAY_SETTINGS } from './server-settings.ts';

/**
 * Starts an empty server whose data nobody will miss; its directory is gone when it stops.
 * @param settings over those of `THROWAWAY_SETTINGS`
 */
export async function openScratchServer(settings: ServerSettings = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-scratch-'));
  await makePrivateDirectory(directory);
  const server = await startServer({
    dataDirectory: join(directory, 'data'),
    superuser: { username: 'postgres', password: 'scratch' },
    settings: { ...THROWAWAY_SETTINGS, ...settings },
    removeAfterwards: directory,
  });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
