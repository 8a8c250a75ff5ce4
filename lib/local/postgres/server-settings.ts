/** PostgreSQL server settings by name, such as `{ shared_buffers: '16MB', fsync: 'off' }`. */
export type ServerSettings = Readonly<Record<string, string | number>>;

/**
 * Small enough for several servers on a laptop (64 MB of shared buffers each; the compiled-in 128 MB
 * is meant for one), and one connection slot for every Data API call plus the tools.
 */
export const DEFAULT_SETTINGS: ServerSettings = {
  shared_buffers: '64MB',
  max_connections: 100,
  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',
  // Aurora's default parameter group logs these too; they are what one reads after a failure.
  log_lock_waits: 'on',
  // Several servers live on one machine: no socket files that could clash in /tmp.
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
};

/** For servers whose data nobody will miss: tests. A crash of the machine may lose everything. */
export const THROWAWAY_SETTINGS: ServerSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** The settings as `postgres` takes them on its command line; later ones win. */
export function settingArguments(...settings: readonly ServerSettings[]): readonly string[] {
  const merged: ServerSettings = Object.assign({}, ...settings);
  return Object.entries(merged).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
