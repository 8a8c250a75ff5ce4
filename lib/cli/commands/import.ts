import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import { parseMigrationId } from '../../core/ids.ts';
import type { ImportedMigration, PgrollImport } from '../../core/import/import-pgroll.ts';
import { renderProblems } from '../../core/migration/render-problems.ts';
import type { SourceText } from '../../core/migration/source/source-text.ts';
import { type Cli, inProject } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Project } from '../project.ts';

/**
 * Writes a folder of pgroll migrations as migrations of the project. Overwrites nothing: either
 * all of them are written or none.
 * @param from directory with pgroll's files
 * @throws LockkeeperError InvalidMigration with every problem of every file, InvalidConfiguration
 *   for a directory that cannot be read, WrongState when the project has one of the ids or numbers
 */
export async function importFromPgroll(
  project: Project,
  from: string,
  { dryRun }: { readonly dryRun: boolean },
): Promise<CommandResult> {
  const { importPgroll } = await import('../../core/import/import-pgroll.ts');
  const parsed = importPgroll(await filesIn(from));
  if (parsed.kind === 'invalid') {
    throw new LockkeeperError('InvalidMigration', renderProblems(parsed.problems), {
      facts: { problems: parsed.problems.length },
    });
  }
  const { migrationsDirectory } = project.configuration;
  const directory = join(project.root, migrationsDirectory);
  await refuseCollisions(directory, parsed.value.migrations);
  if (!dryRun) await write(directory, parsed.value.migrations);
  return {
    exitCode: EXIT_CODES.ok,
    text: textOf(parsed.value, migrationsDirectory, dryRun),
    value: {
      dryRun,
      migrations: parsed.value.migrations.map(({ files, ...migration }) => ({
        ...migration,
        files: [...files.keys()].map(
          (path) => `${migrationsDirectory}/${migration.migrationId}/${path}`,
        ),
      })),
      skipped: parsed.value.skipped,
    },
  };
}

async function filesIn(directory: string): Promise<readonly SourceText[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new LockkeeperError('InvalidConfiguration', `${directory} cannot be read`, {
      cause,
      fix: 'name the directory with the migrations of pgroll',
    });
  });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ name }) => ({
        file: name,
        text: await readFile(join(directory, name), 'utf8'),
      })),
  );
}

async function refuseCollisions(
  directory: string,
  migrations: readonly ImportedMigration[],
): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const existing = names.flatMap((name) => parseMigrationId(name) ?? []);
  const numberOf = (id: string) => BigInt(/^\d+/.exec(id)?.[0] ?? 0);
  const newest = existing.toSorted().at(-1);
  const first = migrations[0];
  if (newest === undefined || first === undefined) return;
  if (numberOf(first.migrationId) > numberOf(newest)) return;
  throw new LockkeeperError(
    'WrongState',
    `${first.from} would become ${first.migrationId}, but the project has migrations up to ${newest} already`,
    {
      fix: 'import into a project without migrations, or rename the files so that they come after',
    },
  );
}

async function write(directory: string, migrations: readonly ImportedMigration[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { migrationId, files } of migrations) {
    // Fails when somebody made it in the same moment.
    await mkdir(join(directory, migrationId));
    for (const [path, text] of files) {
      await writeFile(join(directory, migrationId, path), text, { flag: 'wx' });
    }
  }
}

function textOf({ migrations, skipped }: PgrollImport, into: string, dryRun: boolean): string {
  return [
    ...migrations.map(
      ({ from, migrationId, operations }) =>
        `${from} -> ${into}/${migrationId} (${operations.join(', ')})`,
    ),
    ...(skipped.length === 0 ? [] : [`left out: ${skipped.join(', ')}`]),
    '',
    dryRun ? `${migrations.length} would be written` : `wrote ${migrations.length} migrations`,
  ].join('\n');
}

export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description('make migrations of those of another tool')
    .addArgument(new Argument('<tool>', 'whose migrations they are').choices(['pgroll']))
    .argument('<directory>', 'where they are')
    .option('--dry-run', 'say what would be written, and write nothing')
    .action(
      async (
        _tool: string,
        directory: string,
        { dryRun = false }: { readonly dryRun?: boolean },
        verb: Command,
      ) =>
        inProject(cli, verb, (project) =>
          importFromPgroll(project, resolve(cli.directory, directory), { dryRun }),
        ),
    );
}
