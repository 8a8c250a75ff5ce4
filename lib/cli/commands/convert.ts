import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { LockkeeperError } from '../../core/errors.ts';
import { MIGRATION_FILE } from '../../core/migration/migration-folder.ts';
import { renderProblems } from '../../core/migration/render-problems.ts';
import type { Cli } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import { EXIT_CODES } from '../exit-codes.ts';

/**
 * Turns an SQL migration into one with operations.
 * @param path the SQL file
 * @param out directory of the new migration; undefined: the text is only shown
 * @throws LockkeeperError InvalidMigration with each statement that cannot be said so and why,
 *   WrongState when there is a migration in the directory
 */
export async function convert(
  directory: string,
  path: string,
  out: string | undefined,
): Promise<CommandResult> {
  const { convertSql } = await import('../../core/operations/convert/convert-sql.ts');
  const { writeOperations } = await import('../../core/operations/convert/write-operations.ts');
  const { loadParser } = await import('../../core/sql/parser.ts');
  const text = await readFile(resolve(directory, path), 'utf8').catch((cause: unknown) => {
    throw new LockkeeperError('InvalidConfiguration', `${path} cannot be read`, { cause });
  });
  const parsed = convertSql({ file: path, text }, await loadParser());
  if (parsed.kind === 'invalid') {
    throw new LockkeeperError('InvalidMigration', renderProblems(parsed.problems), {
      facts: { problems: parsed.problems.length },
    });
  }
  const migration = writeOperations(titleOf(path), basename(path), parsed.value);
  const written = out === undefined ? undefined : await write(resolve(directory, out), migration);
  const shown = written && relative(directory, written).split(sep).join('/');
  return {
    exitCode: EXIT_CODES.ok,
    text: shown === undefined ? migration.trimEnd() : `wrote ${shown}`,
    value: { file: shown ?? null, operations: parsed.value, text: migration },
  };
}

async function write(directory: string, text: string): Promise<string> {
  const path = join(directory, MIGRATION_FILE);
  await mkdir(directory, { recursive: true });
  await writeFile(path, text, { flag: 'wx' }).catch((cause: unknown) => {
    throw new LockkeeperError('WrongState', `${path} cannot be written anew`, {
      cause,
      fix: 'name a directory without a migration',
    });
  });
  return path;
}

function titleOf(path: string): string {
  const words = basename(path)
    .replace(/\.sql$/i, '')
    .replace(/^[VU]?\d[\d._]*_*/, '')
    .replaceAll(/[-_.]+/g, ' ')
    .trim();
  return words === '' ? 'Converted' : words.charAt(0).toUpperCase() + words.slice(1);
}

export function addConvert(program: Command, cli: Cli): void {
  program
    .command('convert')
    .description('make operations of an SQL migration, or say what cannot be said so')
    .argument('<file>', 'the SQL')
    .option('--out <directory>', 'write migration.yaml there instead of printing it')
    .action(async (file: string, { out }: { readonly out?: string }) =>
      cli.print(await convert(cli.directory, file, out)),
    );
}
