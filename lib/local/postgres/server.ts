import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockkeeperError } from '../../core/errors.ts';
import { findBinaries } from './binaries.ts';
import { initialize, isInitialized, type Superuser } from './data-directory.ts';
import { freePort } from './free-port.ts';
import { serverAccount } from './os-account.ts';
import { DEFAULT_SETTINGS, type ServerSettings, settingArguments } from './server-settings.ts';
import { directoryLock, removeStaleLock } from './stale-lock.ts';
import { type SupervisedProcess, startSupervised } from './supervised-process.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/** How to start an embedded server. */
export interface ServerOptions {
  /** Absolute path; made with initdb when it holds no database cluster yet. */
  readonly dataDirectory: string;
  /** Owner of a new cluster, and who checks that the server is ready. */
  readonly superuser: Superuser;
  /** TCP port of 127.0.0.1. @default - a free one */
  readonly port?: number;
  /** PostgreSQL settings on top of `DEFAULT_SETTINGS`. @default {} */
  readonly settings?: ServerSettings;
  /** Receives the server's log, appended. @default `<dataDirectory>.log` */
  readonly logFile?: string;
  /** How long recovery may take before the start counts as failed. @default 120000 */
  readonly readyTimeoutMs?: number;
  /** How long to wait for a dying server to let go of the directory. @default 10000 */
  readonly takeoverTimeoutMs?: number;
  /** A directory to remove once the server and this process are gone. @default - nothing */
  readonly removeAfterwards?: string;
}

/** A PostgreSQL server that runs beside this process and ends with it. */
export interface PostgresServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly pid: number;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** Settles when the server is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Connection string of the superuser. @param database @default 'postgres' */
  url(database?: string): string;
  /** Fast shutdown: open transactions are rolled back, then a checkpoint. */
  stop(): Promise<void>;
  /** What a crash does: SIGKILL, no checkpoint; the next start recovers from the WAL. */
  kill(): Promise<void>;
}

/** A fast shutdown ends with a checkpoint; half a minute is long for a laptop's 64 MB of buffers. */
const STOP_TIMEOUT_MS = 30_000;
/** A killed server's backends need a moment to see it and let go of the shared memory. */
const RETRY_MS = 100;

/**
 * Starts a server, making its data directory first when needed.
 * @throws LockkeeperError `EmbeddedRuntime` with the end of the server's log
 */
export async function startServer(options: ServerOptions): Promise<PostgresServer> {
  const logFile = options.logFile ?? `${options.dataDirectory}.log`;
  if (!(await isInitialized(options.dataDirectory))) {
    await initialize(options.dataDirectory, options.superuser);
  }
  await prepareLogFile(logFile);
  const deadline = Date.now() + (options.takeoverTimeoutMs ?? 10_000);
  for (;;) {
    await removeStaleLock(options.dataDirectory);
    const logStart = (await stat(logFile)).size;
    const port = options.port ?? (await freePort());
    const started = await startOnce(options, logFile, port);
    if (started !== undefined) return started;
    const said = (await readFile(logFile, 'utf8')).slice(logStart);
    const lostPort = options.port === undefined && said.includes('could not bind');
    const heldByOther = /lock file .* already exists|shared memory block .* still in use/.test(
      said,
    );
    if (Date.now() > deadline || !(lostPort || heldByOther))
      throw await startFailure(options, said);
    await sleep(RETRY_MS);
  }
}

/** @returns undefined when the server ended before it was ready */
async function startOnce(
  options: ServerOptions,
  logFile: string,
  port: number,
): Promise<PostgresServer | undefined> {
  const { postgres } = await findBinaries();
  const child = await startSupervised({
    command: postgres,
    arguments: [
      '-D',
      options.dataDirectory,
      ...settingArguments(DEFAULT_SETTINGS, options.settings ?? {}, { port }),
    ],
    dataDirectory: options.dataDirectory,
    logFile,
    account: await serverAccount(),
    removeAfterwards: options.removeAfterwards,
  });
  const server = describe(options, logFile, port, child);
  const timeoutMs = options.readyTimeoutMs ?? 120_000;
  const readiness = await waitUntilReady(server.url(), child.hasExited, timeoutMs).catch(
    async (error: unknown) => {
      await server.kill();
      throw error;
    },
  );
  if (readiness.kind === 'ready') return server;
  if (readiness.kind === 'timed-out') {
    await server.kill();
    throw new LockkeeperError(
      'EmbeddedRuntime',
      `PostgreSQL in ${options.dataDirectory} was not ready after ${timeoutMs} ms`,
      { fix: `read ${logFile}` },
    );
  }
  return undefined;
}

function describe(
  options: ServerOptions,
  logFile: string,
  port: number,
  child: SupervisedProcess,
): PostgresServer {
  const { username, password } = options.superuser;
  const kill = async (): Promise<void> => {
    child.signal('SIGKILL');
    await child.exited;
  };
  return {
    host: '127.0.0.1',
    port,
    pid: child.pid,
    dataDirectory: options.dataDirectory,
    logFile,
    exited: child.exited,
    url: (database = 'postgres') =>
      `postgres://${encodeURIComponent(username)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    kill,
    stop: async () => {
      if (child.hasExited()) return;
      child.signal('SIGINT');
      const giveUp = new AbortController();
      await Promise.race([
        child.exited,
        sleep(STOP_TIMEOUT_MS, undefined, { signal: giveUp.signal }).catch(() => undefined),
      ]);
      giveUp.abort();
      if (!child.hasExited()) await kill();
    },
  };
}

/** The log exists and is writable before root gives up its rights. */
async function prepareLogFile(logFile: string): Promise<void> {
  await writeFile(logFile, '', { flag: 'a', mode: 0o600 });
  const account = await serverAccount();
  if (account !== undefined) await chown(logFile, account.uid, account.gid);
}

async function startFailure(options: ServerOptions, said: string): Promise<LockkeeperError> {
  const lock = await directoryLock(options.dataDirectory);
  if (lock.kind === 'held') {
    return new LockkeeperError(
      'EmbeddedRuntime',
      `another PostgreSQL server (pid ${lock.pid}) runs on ${options.dataDirectory}`,
      { fix: 'stop it, or use another directory' },
    );
  }
  const end = said.trim().split('\n').slice(-12).join('\n');
  return new LockkeeperError(
    'EmbeddedRuntime',
    `PostgreSQL did not start on ${options.dataDirectory}: ${end}`,
  );
}
