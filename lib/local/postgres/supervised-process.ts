import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { OsAccount } from './os-account.ts';

/**
 * Starts the server and, beside it, a watcher that waits for our end of a pipe to close. The kernel
 * closes it however this process ends, kill -9 included, and the watcher then asks the server for
 * a fast shutdown: no server outlives the process that started it.
 *
 * `exec` keeps the shell's pid, so `$$` is the server's pid in both. The watcher is started in a
 * nested subshell to become a child of init: the server must not see a child it did not fork. It
 * signals only while postmaster.pid still names that pid, so a reused pid is never hit. Waiting for
 * the server to end is bounded (300 times 0.1 s): in a container without an init that collects dead
 * processes, a pid stays signalable for ever.
 */
const SCRIPT = `
directory=$1; remove=$2; shift 2
exec 3<&0
( (
  exec >/dev/null 2>&1
  cat <&3
  [ "$(head -n 1 "$directory/postmaster.pid")" = "$$" ] && kill -INT "$$"
  if [ -n "$remove" ]; then
    tries=0
    while [ -e "$directory/postmaster.pid" ] && kill -0 "$$" && [ $tries -lt 300 ]; do
      sleep 0.1; tries=$((tries + 1))
    done
    rm -rf "$remove"
  fi
) & )
exec 3<&-
exec "$@" </dev/null
`;

/** What to run, and what to clean up when nobody needs it any more. */
export interface SupervisedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly dataDirectory: string;
  /** Receives everything the server says, appended. */
  readonly logFile: string;
  /** The account to run as; undefined means ours. */
  readonly account: OsAccount | undefined;
  /** A directory the watcher removes once the server is gone. @default - nothing is removed */
  readonly removeAfterwards?: string | undefined;
}

/** A running server process that dies with this one. It does not keep this process alive. */
export interface SupervisedProcess {
  readonly pid: number;
  /** Settles when the process is gone. */
  readonly exited: Promise<void>;
  hasExited(): boolean;
  /** Sends a signal; nothing happens when the process is gone. */
  signal(name: NodeJS.Signals): void;
}

/** @throws the system's error when the program cannot be started at all */
export async function startSupervised(command: SupervisedCommand): Promise<SupervisedProcess> {
  const log = await open(command.logFile, 'a', 0o600);
  try {
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        SCRIPT,
        'lockkeeper-postgres',
        command.dataDirectory,
        command.removeAfterwards ?? '',
        command.command,
        ...command.arguments,
      ],
      {
        // Its own session: Ctrl-C reaches this process only, which then stops the server in order.
        detached: true,
        cwd: '/',
        env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' },
        stdio: ['pipe', log.fd, log.fd],
        ...command.account,
      },
    );
    await once(child, 'spawn');
    return supervised(child);
  } finally {
    await log.close();
  }
}

function supervised(child: ChildProcess): SupervisedProcess {
  const pipe = child.stdin;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      pipe?.destroy();
      resolve();
    });
  });
  // The watcher keeps reading until we are gone; a broken pipe is how it says that it is.
  pipe?.on('error', () => undefined);
  child.unref();
  (pipe as unknown as { unref(): void } | null)?.unref();
  return {
    pid: child.pid ?? -1,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name) => {
      child.ref();
      child.kill(name);
    },
  };
}
