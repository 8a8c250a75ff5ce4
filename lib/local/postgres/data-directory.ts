import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LockkeeperError } from '../../core/errors.ts';
import { findBinaries } from './binaries.ts';
import { serverAccount } from './os-account.ts';

const run = promisify(execFile);

/** The role that owns a server from its first moment. */
export interface Superuser {
  readonly username: string;
  readonly password: string;
}

/** Whether a directory holds a PostgreSQL database cluster already. */
export async function isInitialized(dataDirectory: string): Promise<boolean> {
  const version = await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return version !== undefined;
}

/**
 * Makes a new database cluster: UTF-8, C collation (the same order on every machine), data
 * checksums, and scram-sha-256 for every connection, which is what the Data API requires.
 * @throws LockkeeperError `EmbeddedRuntime` with initdb's own words
 */
export async function initialize(dataDirectory: string, superuser: Superuser): Promise<void> {
  const { initdb } = await findBinaries();
  const account = await serverAccount();
  const passwordFile = `${dataDirectory}.password`;
  await makePrivateDirectory(dataDirectory);
  await writeFile(passwordFile, `${superuser.password}\n`, { mode: 0o600 });
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  try {
    await run(
      initdb,
      [
        `--pgdata=${dataDirectory}`,
        `--username=${superuser.username}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        // The files of a brand new cluster can be made again; waiting for the disk buys nothing.
        '--no-sync',
      ],
      { cwd: '/', env: { PATH: process.env['PATH'], TZ: 'UTC' }, ...account },
    );
  } catch (cause) {
    await rm(dataDirectory, { recursive: true, force: true });
    const said = (cause as { stderr?: string }).stderr?.trim() ?? String(cause);
    throw new LockkeeperError('EmbeddedRuntime', `initdb failed in ${dataDirectory}: ${said}`, {
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Makes a directory that only the server's account can read; PostgreSQL insists on it. */
export async function makePrivateDirectory(path: string): Promise<void> {
  const account = await serverAccount();
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

/** Lets the server's account walk through a directory that only its owner could enter. */
export async function makeReachable(path: string): Promise<void> {
  const account = await serverAccount();
  if (account === undefined) return;
  const { mode } = await stat(path);
  await chmod(path, mode | 0o011);
}
