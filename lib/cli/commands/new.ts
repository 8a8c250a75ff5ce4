import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parseMigrationId } from '../../core/ids.ts';
import { type Cli, inProject } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Project } from '../project.ts';

/** Writes the files of a new migration, valid as they are, behind the newest one. */
export async function newMigration(project: Project, title: string): Promise<CommandResult> {
  const { nextMigrationId, scaffoldMigration } = await import('../../core/migration/scaffold.ts');
  const { migrationsDirectory } = project.configuration;
  const directory = join(project.root, migrationsDirectory);
  await mkdir(directory, { recursive: true });
  const existing = (await readdir(directory)).flatMap((name) => parseMigrationId(name) ?? []);
  const migrationId = nextMigrationId(title, existing);
  await mkdir(join(directory, migrationId));
  const files: string[] = [];
  for (const [path, text] of scaffoldMigration(title)) {
    await writeFile(join(directory, migrationId, path), text, { flag: 'wx' });
    files.push(`${migrationsDirectory}/${migrationId}/${path}`);
  }
  return {
    exitCode: EXIT_CODES.ok,
    text: [
      `wrote ${files.join(', ')}`,
      '',
      'next',
      '  edit it, then look at what it does:',
      `  lockkeeper plan ${migrationId}`,
    ].join('\n'),
    value: { migrationId, files },
  };
}

export function addNew(program: Command, cli: Cli): void {
  program
    .command('new')
    .description('write the files of a new migration')
    .argument('<title>', 'what changes, in a few words')
    .action(async (title: string, _options: unknown, verb: Command) =>
      inProject(cli, verb, (project) => newMigration(project, title)),
    );
}
