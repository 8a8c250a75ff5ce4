import type { WalFiles } from '../../core/preflight/judge-wal.ts';
import type { Session } from '../../ports/database.ts';
import { IS_AURORA } from './storage.ts';

/** A function that may not be called fails the whole query, so whether it may is asked first. */
const SETTINGS = `
select pg_size_bytes(current_setting('wal_segment_size'))::float8 as file,
       pg_size_bytes(current_setting('min_wal_size'))::float8 as kept,
       pg_size_bytes(current_setting('max_wal_size'))::float8 as most,
       current_setting('wal_recycle')::boolean and current_setting('wal_init_zero')::boolean as fills,
       ${IS_AURORA} as aurora,
       has_function_privilege('pg_ls_waldir()', 'execute') as lists`;

/** History and backup files lie there as well. */
const FILES = `select count(*)::int4 as files from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'`;

/** @returns undefined where a new file is not filled with zeroes, and where there are no files */
export async function readWalFiles(session: Session): Promise<WalFiles | undefined> {
  const [row] = await session.query(SETTINGS);
  if (row === undefined || row['aurora'] === true || row['fills'] !== true) return undefined;
  const [listed] = row['lists'] === true ? await session.query(FILES) : [];
  return {
    fileBytes: Number(row['file']),
    keptBytes: Number(row['kept']),
    mostBytes: Number(row['most']),
    files: listed && Number(listed['files']),
  };
}
