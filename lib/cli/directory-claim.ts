import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockkeeperError } from '../core/errors.ts';

/** Names the process that runs on a state directory. */
const CLAIM_FILE = 'dev.pid';

/**
 * Makes this process the only one on a state directory, from before anything is started until it
 * is released. What a crashed process left behind is taken over.
 * @throws LockkeeperError WrongState naming the process that has it
 */
export async function claimDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, CLAIM_FILE);
  if (!(await create(path))) {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isAlive(holder)) {
      throw new LockkeeperError('WrongState', `process ${holder} runs on ${directory} already`, {
        fix: `use that one, end it, or use another --state; if it is something else, remove ${path}`,
        facts: { pid: holder },
      });
    }
    await rm(path, { force: true });
    if (!(await create(path))) {
      throw new LockkeeperError('WrongState', `another process just started on ${directory}`);
    }
  }
  return () => rm(path, { force: true });
}

/** @returns whether it was not there */
async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return codeOf(error) === 'EPERM';
  }
}

/** Of an error of the operating system. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
