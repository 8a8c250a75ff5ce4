import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LockkeeperError } from '../../core/errors.ts';
import { serverAccount } from './os-account.ts';

/** Execute permission for everybody: what it takes to walk through a directory. */
const PASSABLE = 0o001;

/**
 * PostgreSQL refuses to run as root, so root runs it under another account, which must be able to
 * reach its directory. A home of root usually lets nobody through; better said here than by initdb.
 * @throws LockkeeperError EmbeddedRuntime naming the directory in the way
 */
export async function requireReachable(path: string): Promise<void> {
  if ((await serverAccount()) === undefined) return;
  for (let directory = dirname(resolve(path)); ; directory = dirname(directory)) {
    const { mode } = await stat(directory);
    if ((mode & PASSABLE) === 0) {
      throw new LockkeeperError(
        'EmbeddedRuntime',
        `PostgreSQL does not run as root, and its own account cannot pass through ${directory}`,
        {
          fix: 'move the project to a directory that others can enter, or run as an ordinary user',
        },
      );
    }
    if (dirname(directory) === directory) return;
  }
}
