import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { LockkeeperError } from '../../core/errors.ts';
import { isDownFile } from '../../core/lint/foreign-files.ts';

/** What can be linted by itself. */
export type LintInput =
  | {
      readonly kind: 'migration';
      /** Name of the folder. */
      readonly name: string;
      /** For messages, with forward slashes. */
      readonly directory: string;
      readonly files: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'file'; readonly file: string; readonly text: string };

const MIGRATION_FILE = 'migration.yaml';
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.lockkeeper']);

/**
 * Files and folders below some paths: a folder with `migration.yaml` is a migration, every other
 * `.sql` file stands for itself. Files that take migrations back are left out unless they are named.
 * @param paths relative to `directory`
 * @throws LockkeeperError InvalidConfiguration for a path that cannot be read
 */
export async function findLintInputs(
  directory: string,
  paths: readonly string[],
): Promise<readonly LintInput[]> {
  const found = await Promise.all(
    paths.map((path) => inputsAt(directory, resolve(directory, path))),
  );
  return found.flat();
}

async function inputsAt(directory: string, path: string): Promise<readonly LintInput[]> {
  const status = await stat(path).catch((cause: unknown) => {
    throw new LockkeeperError('InvalidConfiguration', `${path} cannot be read`, { cause });
  });
  if (status.isDirectory()) return below(directory, path);
  return [await fileInput(directory, path)];
}

async function below(directory: string, path: string): Promise<readonly LintInput[]> {
  const entries = (await readdir(path, { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  if (entries.some(({ name }) => name === MIGRATION_FILE)) {
    return [await migrationInput(directory, path)];
  }
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly LintInput[]> => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : below(directory, inner);
      const isWanted = entry.name.endsWith('.sql') && !isDownFile(shown(directory, inner));
      return isWanted ? [await fileInput(directory, inner)] : [];
    }),
  );
  return found.flat();
}

async function fileInput(directory: string, path: string): Promise<LintInput> {
  return { kind: 'file', file: shown(directory, path), text: await readFile(path, 'utf8') };
}

async function migrationInput(directory: string, path: string): Promise<LintInput> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const texts = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && /\.(?:ya?ml|sql)$/.test(entry.name))
      .map(async (entry) => {
        const file = join(entry.parentPath, entry.name);
        return [shown(path, file), await readFile(file, 'utf8')] as const;
      }),
  );
  const name = basename(path);
  return {
    kind: 'migration',
    name,
    directory: shown(directory, path) || '.',
    files: new Map(texts),
  };
}

function shown(directory: string, path: string): string {
  return relative(directory, path).split(sep).join('/');
}
