import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Configuration, Environment } from '../core/config/configuration.ts';
import { parseConfiguration } from '../core/config/parse-configuration.ts';
import { LockkeeperError } from '../core/errors.ts';
import type { MigrationId } from '../core/ids.ts';
import type { Migration } from '../core/migration/migration.ts';
import { type FoundFolder, parseMigrationSet } from '../core/migration/migration-set.ts';
import type { Problem } from '../core/migration/problem.ts';
import { renderProblems } from '../core/migration/render-problems.ts';
import { loadParser } from '../core/sql/parser.ts';

export const CONFIGURATION_FILE = 'lockkeeper.yaml';

/** A user's project: its configuration, and its migrations when they are asked for. */
export interface Project {
  /** Absolute path of the folder with `lockkeeper.yaml`. */
  readonly root: string;
  readonly configuration: Configuration;
}

export interface ProjectMigrations {
  /** In the order in which they are applied. */
  readonly migrations: readonly Migration[];
  /** The files of each, as they were read. */
  readonly files: ReadonlyMap<MigrationId, Readonly<Record<string, string>>>;
}

/**
 * Finds the project around a directory, as git does: here, or in a directory above.
 * @throws LockkeeperError InvalidConfiguration with every problem of the file
 */
export async function openProject(directory: string): Promise<Project> {
  const root = await findRoot(resolve(directory));
  const text = await readFile(join(root, CONFIGURATION_FILE), 'utf8');
  const parsed = parseConfiguration({ file: CONFIGURATION_FILE, text });
  if (parsed.kind === 'invalid') throw invalid('InvalidConfiguration', parsed.problems);
  return { root, configuration: parsed.value };
}

async function findRoot(from: string): Promise<string> {
  for (let directory = from; ; directory = dirname(directory)) {
    const entries = await readdir(directory).catch((cause: unknown) => {
      throw new LockkeeperError('InvalidConfiguration', `${directory} cannot be read`, {
        cause,
        fix: 'use --project with the directory of your project',
      });
    });
    if (entries.includes(CONFIGURATION_FILE)) return directory;
    if (dirname(directory) === directory) break;
  }
  throw new LockkeeperError(
    'InvalidConfiguration',
    `there is no ${CONFIGURATION_FILE} in ${from} or above it`,
    { fix: 'run `lockkeeper init` in the root of your project' },
  );
}

/** The environment that is meant without `--env`: the only one, else `embedded`. */
export function defaultEnvironmentName({ configuration }: Project): string | undefined {
  const names = configuration.environments.map((environment) => environment.name);
  return names.length === 1 ? names[0] : names.find((name) => name === 'embedded');
}

/** @throws LockkeeperError InvalidConfiguration naming the environments that there are */
export function environmentOf(project: Project, name: string | undefined): Environment {
  const { environments } = project.configuration;
  const names = environments.map((environment) => environment.name);
  const wanted = name ?? defaultEnvironmentName(project);
  const found = environments.find((environment) => environment.name === wanted);
  if (found !== undefined) return found;
  throw new LockkeeperError(
    'InvalidConfiguration',
    wanted === undefined ? 'which environment?' : `there is no environment ${wanted}`,
    { fix: `use --env with one of: ${names.join(', ')}` },
  );
}

/** @throws LockkeeperError InvalidMigration with every problem of every file */
export async function readMigrations(project: Project): Promise<ProjectMigrations> {
  const folders = await findFolders(project);
  const parsed = parseMigrationSet(folders, await loadParser());
  if (parsed.kind === 'invalid') throw invalid('InvalidMigration', parsed.problems);
  const files = new Map(
    folders.map(({ name, files }) => [name as MigrationId, Object.fromEntries(files)]),
  );
  return { migrations: parsed.value, files };
}

export function findMigration({ migrations }: ProjectMigrations, name: string): Migration {
  const matches = migrations.filter(
    ({ migrationId }) => migrationId === name || migrationId.startsWith(`${name}_`),
  );
  const [only, another] = matches;
  if (only !== undefined && another === undefined) return only;
  throw new LockkeeperError('UnknownMigration', `there is no migration ${name}`, {
    fix: `the project has: ${migrations.map(({ migrationId }) => migrationId).join(', ') || 'none'}`,
  });
}

async function findFolders(project: Project): Promise<readonly FoundFolder[]> {
  const directory = join(project.root, project.configuration.migrationsDirectory);
  let entries: Awaited<ReturnType<typeof listDirectory>>;
  try {
    entries = await listDirectory(directory);
  } catch (error) {
    throw new LockkeeperError(
      'InvalidConfiguration',
      `the migrations directory ${project.configuration.migrationsDirectory} cannot be read`,
      { cause: error, fix: `create it, or set migrations: in ${CONFIGURATION_FILE}` },
    );
  }
  return Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(async ({ name }) => ({
        name,
        directory: `${project.configuration.migrationsDirectory}/${name}`,
        files: await readFolder(join(directory, name)),
      })),
  );
}

const listDirectory = (directory: string) => readdir(directory, { withFileTypes: true });

/** Every `.yaml` and `.sql` file below a folder; the format decides which of them count. */
async function readFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|sql)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.map(async (path) => {
      const shown = relative(folder, path).split(sep).join('/');
      return [shown, await readFile(path, 'utf8')] as const;
    }),
  );
  return new Map(texts);
}

function invalid(
  code: 'InvalidConfiguration' | 'InvalidMigration',
  problems: readonly Problem[],
): LockkeeperError {
  return new LockkeeperError(code, renderProblems(problems), {
    facts: { problems: problems.length },
  });
}
