import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A deployment package made of one file, in a directory of its own. */
export async function bundle(source: string, file = 'index.mjs'): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-lambda-'));
  await writeFile(join(directory, file), source);
  return directory;
}

/** Removes bundles at the end of a test file. */
export async function removeAll(directories: readonly string[]): Promise<void> {
  await Promise.all(directories.map((path) => rm(path, { recursive: true, force: true })));
}
