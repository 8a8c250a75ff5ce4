import { open, readFile, rename } from 'node:fs/promises';
import { LockkeeperError } from '../../core/errors.ts';
import { EMPTY_STATE, type RdsState } from './records.ts';

/** What the service remembers, in memory and in a file that is always whole. */
export interface StateFile {
  current(): RdsState;
  /** Replaces the state at once in memory; settles when the file has it, too. */
  change(next: (state: RdsState) => RdsState): Promise<void>;
}

/**
 * Opens the file, or starts empty when there is none.
 * @throws LockkeeperError `EmbeddedRuntime` when the file cannot be understood
 */
export async function openStateFile(path: string): Promise<StateFile> {
  let state = await read(path);
  let writing: Promise<void> = Promise.resolve();
  return {
    current: () => state,
    change: (next) => {
      state = next(state);
      // One write at a time, each with the newest state: the last one always wins.
      writing = writing.catch(() => undefined).then(() => write(path, state));
      return writing;
    },
  };
}

async function read(path: string): Promise<RdsState> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return EMPTY_STATE;
  try {
    return { ...EMPTY_STATE, ...(JSON.parse(text) as RdsState) };
  } catch (cause) {
    throw new LockkeeperError('EmbeddedRuntime', `${path} is not JSON`, {
      cause,
      fix: 'remove the directory of the embedded AWS to start over',
    });
  }
}

/** A crash leaves either the old file or the new one. Passwords inside: only we may read it. */
async function write(path: string, state: RdsState): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(state, undefined, 2));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
