import { rename, rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** More than the processes that start at once; each attempt loses only to one that has just won. */
const ATTEMPTS = 50;

/**
 * Puts a folder where another one is, or none. A folder cannot be renamed onto one that has
 * something in it, so that one steps aside first. Several processes may do this at once: each of their
 * folders is whole, and the last one stays.
 */
export async function replaceFolder(from: string, to: string): Promise<void> {
  const aside = `${from}.before`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (!OCCUPIED.has(codeOf(error)) || attempt === ATTEMPTS) throw error;
    }
    try {
      await rename(to, aside);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // somebody else moved it
    }
    await rm(aside, { recursive: true, force: true });
    if (attempt > 1) await setTimeout(attempt);
  }
}

/** What systems say when something is in the place. */
const OCCUPIED: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM']);

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
