import type { MigrationId } from '../ids.ts';

/** The name of the file that every migration folder has. */
export const MIGRATION_FILE = 'migration.yaml';

/** A migration's files as somebody read them, before anything in them is trusted. */
export interface MigrationFolder {
  readonly migrationId: MigrationId;
  /**
   * Where the folder is, for messages, with forward slashes.
   * @default `migrations/<migrationId>`
   */
  readonly directory?: string;
  /** Paths relative to the folder, with forward slashes, and the text of each file. */
  readonly files: ReadonlyMap<string, string>;
}

/** The path of one of the folder's files, as shown to the author. */
export function shownPath(folder: MigrationFolder, path: string): string {
  return `${folder.directory ?? `migrations/${folder.migrationId}`}/${path}`;
}

/**
 * Whether a file is part of the migration: `migration.yaml` and every `.sql` file, except in
 * hidden folders. What else lies in the folder (a README, notes) may change at any time.
 */
export function belongsToMigration(path: string): boolean {
  if (path.split('/').some((segment) => segment.startsWith('.'))) return false;
  return path === MIGRATION_FILE || path.endsWith('.sql');
}

/** Without what Windows editors and git add by themselves: a byte order mark, CRLF line ends. */
export function plainText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}
