import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { copyDataDirectory, copyDataFile, giveToServer } from './copy-data-directory.ts';

/** What to back up, and where to. */
export interface BaseBackup {
  /** Connection string of a superuser of the running server. */
  readonly url: string;
  readonly dataDirectory: string;
  /** Directory to make; a server started on it recovers to the end of the backup. */
  readonly target: string;
  /** Told the share copied, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** A WAL segment file: timeline, log and segment, eight hex digits each. */
const SEGMENT = /^[0-9A-F]{24}$/;
const TIMELINE_HISTORY = /^[0-9A-F]{8}\.history$/;

/**
 * Takes a physical backup of a server while it takes writes, with PostgreSQL's low-level API.
 *
 * Consistent because: `pg_backup_start` makes a checkpoint and full-page writes from there on; the
 * temporary slot, reserved before that, keeps every WAL segment since; `pg_backup_stop` ends the WAL
 * with a marker and switches to the next segment; backup_label makes a server started on the copy
 * replay from that checkpoint, and refuse to open before it has seen the marker. The copy holds
 * exactly the transactions committed before the marker.
 */
export async function takeBaseBackup(backup: BaseBackup): Promise<void> {
  const client = new pg.Client({ connectionString: backup.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // A role-wide or database-wide timeout must not end a long backup.
    await client.query("select set_config('statement_timeout', '0', false)");
    await client.query('select pg_create_physical_replication_slot($1, true, true)', [
      `lockkeeper_backup_${process.pid}_${Date.now()}_${Math.trunc(Math.random() * 1e6)}`,
    ]);
    const started = await client.query<{ segment: string }>(
      "select pg_walfile_name(pg_backup_start('lockkeeper', fast => true)) as segment",
    );
    await copyDataDirectory(backup.dataDirectory, backup.target, backup.onProgress);
    const stopped = await client.query<{ segment: string; label: string; tablespaces: string }>(
      `select pg_walfile_name(lsn) as segment, labelfile as label, spcmapfile as tablespaces
       from pg_backup_stop(wait_for_archive => false)`,
    );
    const [first, last] = [started.rows[0]?.segment ?? '', stopped.rows[0]?.segment ?? ''];
    await copyWal(backup, first, last);
    await writeServerFile(join(backup.target, 'backup_label'), stopped.rows[0]?.label ?? '');
    const tablespaces = stopped.rows[0]?.tablespaces ?? '';
    if (tablespaces !== '') {
      await writeServerFile(join(backup.target, 'tablespace_map'), tablespaces);
    }
  } finally {
    // Ends the backup when it was not stopped, and drops the temporary slot.
    await client.end();
  }
}

async function copyWal(backup: BaseBackup, first: string, last: string): Promise<void> {
  const source = join(backup.dataDirectory, 'pg_wal');
  const target = join(backup.target, 'pg_wal');
  for (const folder of ['archive_status', 'summaries']) {
    await mkdir(join(target, folder), { recursive: true });
    await giveToServer(join(target, folder), 0o700);
  }
  for (const name of await readdir(source)) {
    // Names order like positions within one timeline, and a primary server stays on its own.
    const needed = SEGMENT.test(name) && name >= first && name <= last;
    if (needed || TIMELINE_HISTORY.test(name))
      await copyDataFile(join(source, name), join(target, name));
  }
}

async function writeServerFile(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await giveToServer(path, 0o600);
}
