import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../lib/local/postgres/free-port.ts';

export interface MiniStack {
  readonly endpoint: string;
  /** Everything it wrote. */
  readonly logFile: string;
  close(): Promise<void>;
}

/**
 * Wait states and delays between attempts pass twenty times faster: 15 s between two looks at a
 * snapshot become 0.75 s. Gates are callbacks with a timeout, which MiniStack does not scale.
 */
const WAIT_SCALE = '0.05';

/** About 3 s on two idle cores; ten times that on a busy machine. */
const START_LIMIT_MS = 30_000;
/** A call that came while it was starting may never be answered. */
const HEALTH_LIMIT_MS = 2_000;
const STOP_LIMIT_MS = 5_000;

/**
 * Starts MiniStack on a free port of 127.0.0.1, with its files in `directory`. However this
 * process ends, short of SIGKILL, it is ended too, and so are the functions that it runs.
 * @throws Error when it is not ready in time, with the end of its log
 */
export async function startMiniStack(command: string, directory: string): Promise<MiniStack> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(directory, 'ministack.log');
  const log = await open(logFile, 'w');
  const child = spawn(command, [], {
    cwd: directory,
    detached: true, // a process group of its own, so that its workers end with it
    stdio: ['ignore', log.fd, log.fd],
    env: {
      // Functions run on the Node.js that runs us: the one that the project asks for.
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: directory,
      TMPDIR: directory,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      AUTH: 'true', // each function may do what its own role allows, and no more
      LAMBDA_EXECUTOR: 'local',
      SFN_WAIT_SCALE: WAIT_SCALE,
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
  });
  const killNow = () => signalGroup(child, 'SIGKILL');
  process.once('exit', killNow);
  const close = async () => {
    await stop(child);
    process.removeListener('exit', killNow);
  };
  try {
    await once(child, 'spawn').finally(() => log.close());
    await untilReady(child, endpoint, logFile);
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoint, logFile, close };
}

async function untilReady(child: ChildProcess, endpoint: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${endpoint}/_ministack/health`, {
      signal: AbortSignal.timeout(HEALTH_LIMIT_MS),
    }).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(200);
  }
  throw new Error(`MiniStack is not ready on ${endpoint}; read ${logFile}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const exited = once(child, 'exit');
    signalGroup(child, 'SIGTERM');
    await Promise.race([exited, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
  }
  signalGroup(child, 'SIGKILL'); // workers that did not listen
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
