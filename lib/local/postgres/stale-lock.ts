import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who holds a data directory, according to its `postmaster.pid`. */
export type DirectoryLock =
  | { readonly kind: 'free' }
  /** The file names a process that is not a server on this directory: a crash left it behind. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'held'; readonly pid: number };

/** Reads who holds a data directory. */
export async function directoryLock(dataDirectory: string): Promise<DirectoryLock> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text.split('\n')[0] ?? '', 10);
  if (!Number.isSafeInteger(pid) || pid <= 0) return { kind: 'free' };
  const words = await commandOf(pid);
  // The server is always started with `-D <directory>`; a recycled pid runs something else.
  return { kind: words?.includes(dataDirectory) ? 'held' : 'stale', pid };
}

/**
 * Removes a lock file that a crash left behind. PostgreSQL does so itself unless the pid was
 * recycled by another process of the same account; then it would refuse to start for ever.
 */
export async function removeStaleLock(dataDirectory: string): Promise<void> {
  const lock = await directoryLock(dataDirectory);
  if (lock.kind === 'stale') await rm(join(dataDirectory, 'postmaster.pid'), { force: true });
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  }
  const ps = await run('ps', ['-p', String(pid), '-o', 'command=']).catch(() => undefined);
  return ps?.stdout;
}
