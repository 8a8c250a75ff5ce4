import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockkeeperError } from '../../core/errors.ts';
import { copyDataFile, giveToServer } from './copy-data-directory.ts';

/** Copies a snapshot as it is, WAL and backup_label included; the snapshot stays usable. */
export async function copySnapshot(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await giveToServer(target, 0o700);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copySnapshot(from, to);
    else if (!(await copyDataFile(from, to))) {
      throw new LockkeeperError('RestoreFailed', `${from} vanished while it was restored`);
    }
  }
}
