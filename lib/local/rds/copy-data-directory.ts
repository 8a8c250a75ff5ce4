import { constants } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockkeeperError } from '../../core/errors.ts';
import { serverAccount } from '../postgres/os-account.ts';

/** One file or directory of a data directory; `path` is relative to it. */
interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly bytes: number;
}

/**
 * What a base backup leaves out: files of the running process, caches that are rebuilt, and
 * directories whose content a restarted server empties. The list is pg_basebackup's.
 */
const OMITTED_FILES: ReadonlySet<string> = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'current_logfiles.tmp',
  'postgresql.auto.conf.tmp',
  'backup_label',
  'backup_label.old',
  'tablespace_map',
  'backup_manifest',
]);
const EMPTIED_DIRECTORIES: ReadonlySet<string> = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
/** Sort files and temporary relations (`t3_16402`) belong to sessions that are not copied. */
const TEMPORARY = /^(?:pgsql_tmp.*|pg_internal\.init(?:\.\d+)?|t\d+_\d+(?:_[a-z]+)?(?:\.\d+)?)$/;
/** Copied last: it names the newest checkpoint, which must not be older than the data beside it. */
const CONTROL_FILE = join('global', 'pg_control');

/**
 * Copies the data directory of a server, running or not. Files that vanish on the way are skipped:
 * their removal is in the WAL. Blocks may be torn: `pg_backup_start` makes the WAL carry full pages.
 * @param onProgress told the share copied, 0 to 1
 * @throws LockkeeperError `Unsupported` for a tablespace outside the directory
 */
export async function copyDataDirectory(
  source: string,
  target: string,
  onProgress: (share: number) => void,
): Promise<void> {
  await makeDirectory(target);
  const entries = await entriesOf(source, '');
  const total = entries.reduce((sum, entry) => sum + entry.bytes, 1);
  let copied = 0;
  const control = entries.filter((entry) => entry.path === CONTROL_FILE);
  for (const entry of [...entries.filter((entry) => entry.path !== CONTROL_FILE), ...control]) {
    if (entry.kind === 'directory') await makeDirectory(join(target, entry.path));
    else await copyDataFile(join(source, entry.path), join(target, entry.path));
    copied += entry.bytes;
    onProgress(copied / total);
  }
}

/**
 * Copies one file, sharing its blocks where the file system can (copy-on-write).
 * @returns false when the file has vanished
 */
export async function copyDataFile(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  await giveToServer(target, 0o600);
  return true;
}

/** Makes the path readable for the account that runs the server, and for nobody else. */
export async function giveToServer(path: string, mode: number): Promise<void> {
  await chmod(path, mode);
  const account = await serverAccount();
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await giveToServer(path, 0o700);
}

async function entriesOf(root: string, folder: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const names = await readdir(join(root, folder)).catch(vanished);
  for (const name of names ?? []) {
    if ((folder === '' && OMITTED_FILES.has(name)) || TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const found = await lstat(join(root, path)).catch(vanished);
    if (found === undefined) continue;
    if (found.isSymbolicLink()) throw outside(path);
    if (found.isDirectory()) {
      entries.push({ path, kind: 'directory', bytes: 0 });
      const emptied = folder === '' && EMPTIED_DIRECTORIES.has(name);
      if (!emptied) entries.push(...(await entriesOf(root, path)));
    } else if (found.isFile()) {
      entries.push({ path, kind: 'file', bytes: found.size });
    }
  }
  return entries;
}

function vanished(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

function outside(path: string): LockkeeperError {
  return new LockkeeperError('Unsupported', `${path} is a link out of the data directory`, {
    fix: 'drop the tablespace; Aurora has none either',
  });
}
