import { MIGRATION_ID_MAX_LENGTH, type MigrationId, parseMigrationId } from '../ids.ts';
import type { SqlParser } from '../sql/parser.ts';
import type { Migration } from './migration.ts';
import type { MigrationFolder } from './migration-folder.ts';
import { parseMigration } from './parse-migration.ts';
import type { Parsed, Problem } from './problem.ts';

/** A folder as it was found; whether its name is a migration id is not known yet. */
export interface FoundFolder extends Omit<MigrationFolder, 'migrationId' | 'directory'> {
  /** Name of the folder. */
  readonly name: string;
  /** Where it is, for messages, such as `migrations/0002_add_billing`. */
  readonly directory: string;
}

/** Reads all migrations of a project, in the order in which they are applied. */
export function parseMigrationSet(
  folders: readonly FoundFolder[],
  parser: SqlParser,
): Parsed<readonly Migration[]> {
  const sorted = folders.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const problems: Problem[] = [...nameProblems(sorted), ...numberProblems(sorted)];
  const migrations = sorted.flatMap((folder) => {
    const migrationId = parseMigrationId(folder.name);
    if (migrationId === undefined) return [];
    const parsed = parseMigration({ ...folder, migrationId }, parser);
    if (parsed.kind === 'parsed') return [parsed.value];
    problems.push(...parsed.problems);
    return [];
  });
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'parsed', value: migrations };
}

function nameProblems(folders: readonly FoundFolder[]): readonly Problem[] {
  return folders.flatMap((folder) => {
    if (parseMigrationId(folder.name) !== undefined) return [];
    const suggestion = suggestedId(folder.name);
    return [
      folderProblem(folder, {
        rule: 'migration-id',
        message: `${folder.name} is not the name of a migration`,
        expected: `digits (4 to 14), then words in snake_case, at most ${MIGRATION_ID_MAX_LENGTH} characters, such as 0002_add_billing`,
        ...(suggestion !== undefined && { fix: `rename the folder to ${suggestion}` }),
      }),
    ];
  });
}

/** The same name in the right form, where only case and punctuation were wrong. */
function suggestedId(name: string): MigrationId | undefined {
  const [, number = '', words = ''] = /^(\d+)(.*)$/.exec(name) ?? [];
  const snake = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return parseMigrationId(`${number.padStart(4, '0')}_${snake}`);
}

/**
 * The number gives the order, so no two may share it; and the order of texts, which is used
 * everywhere, must be that of the numbers.
 */
function numberProblems(folders: readonly FoundFolder[]): readonly Problem[] {
  return folders.flatMap((folder, index) => {
    const before = folders.slice(0, index).findLast(({ name }) => numberOf(name) !== undefined);
    const number = numberOf(folder.name);
    if (before === undefined || number === undefined) return [];
    const same = folders.slice(0, index).find(({ name }) => numberOf(name) === number);
    if (same !== undefined) return [sameNumber(folder, same)];
    return number < (numberOf(before.name) ?? number) ? [wrongWidth(folder, before)] : [];
  });
}

function sameNumber(folder: FoundFolder, first: FoundFolder): Problem {
  const sameName = folder.name.toLowerCase() === first.name.toLowerCase();
  return folderProblem(folder, {
    rule: sameName ? 'duplicate-migration-id' : 'duplicate-migration-number',
    message: sameName
      ? `${folder.name} differs from ${first.name} only in upper and lower case`
      : `${folder.name} has the same number as ${first.name}`,
    expected: 'a number of its own for each migration',
    fix: 'rename the one that was not applied yet to the next free number',
  });
}

function wrongWidth(folder: FoundFolder, before: FoundFolder): Problem {
  return folderProblem(folder, {
    rule: 'migration-order',
    message: `${folder.name} is sorted after ${before.name} although its number is smaller`,
    expected: 'numbers with the same count of digits',
    fix: 'fill the numbers of the migrations that were not applied yet with leading zeros',
  });
}

/** As a number of any size: time stamps have 14 digits. */
function numberOf(name: string): bigint | undefined {
  const digits = /^\d+/.exec(name)?.[0];
  return digits === undefined ? undefined : BigInt(digits);
}

function folderProblem(folder: FoundFolder, problem: Omit<Problem, 'location'>): Problem {
  return { ...problem, location: { file: folder.directory, line: 1, column: 1 } };
}
