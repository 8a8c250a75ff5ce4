import { z } from 'zod';
import { MIGRATION_ID_MAX_LENGTH, type MigrationId, parseMigrationId } from '../ids.ts';
import { OperationFormat } from '../migration/format/operations-format.ts';
import { MIGRATION_FILE, plainText } from '../migration/migration-folder.ts';
import type { Parsed, Problem } from '../migration/problem.ts';
import { byLocation } from '../migration/render-problems.ts';
import { shapeProblems } from '../migration/source/shape-problems.ts';
import { frameAt, type SourceText } from '../migration/source/source-text.ts';
import { readYaml, type YamlDocument } from '../migration/source/yaml-document.ts';
import { ChainColumns } from './columns-of-chain.ts';
import { staleDowns } from './stale-down.ts';
import { writeImported } from './write-imported.ts';

/** A migration of ours, made of a file of pgroll. */
export interface ImportedMigration {
  /** The file that it came from. */
  readonly from: string;
  readonly migrationId: MigrationId;
  readonly title: string;
  /** What it is made of, such as `create_table`, in order. */
  readonly operations: readonly string[];
  /** Path inside the folder of the migration to content. */
  readonly files: ReadonlyMap<string, string>;
}

export interface PgrollImport {
  /** In the order in which pgroll applies them. */
  readonly migrations: readonly ImportedMigration[];
  /** Files that are not migrations of pgroll. */
  readonly skipped: readonly string[];
}

const MIGRATION_SUFFIX = /\.(?:ya?ml|json)$/i;
/** Four digits are the least that a migration id has. */
const LEAST_WIDTH = 4;

/** What pgroll may write around the operations; all of it is in the folder's name here. */
const DROPPED_KEYS = ['name', 'version_schema', 'versionSchema'];

/**
 * Turns a folder of pgroll migrations into folders of ours, their operations as they are. pgroll
 * applies files in the order of their names, and so do we.
 * @param files in any order; `file` is the name inside the folder
 */
export function importPgroll(files: readonly SourceText[]): Parsed<PgrollImport> {
  const sorted = files.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const isMigration = ({ file }: SourceText) =>
    MIGRATION_SUFFIX.test(file) && !file.startsWith('.');
  const sources = sorted.filter(isMigration);
  const ids = migrationIdsOf(sources.map(({ file }) => file.replace(MIGRATION_SUFFIX, '')));
  const problems: Problem[] = [];
  const known = new ChainColumns();
  const migrations = sources.flatMap((source, index) => {
    const read = readYaml({ ...source, text: plainText(source.text) });
    const found = read.kind === 'invalid' ? read.problems : shapeOf(read.value);
    problems.push(...found);
    const migrationId = ids[index];
    if (read.kind === 'invalid' || found.length > 0 || migrationId === undefined) return [];
    return [importedFrom(read.value, migrationId, known)];
  });
  if (problems.length > 0) {
    return { kind: 'invalid', problems: problems.toSorted(byLocation) };
  }
  return {
    kind: 'parsed',
    value: {
      migrations,
      skipped: sorted.filter((file) => !isMigration(file)).map(({ file }) => file),
    },
  };
}

function importedFrom(
  document: YamlDocument,
  migrationId: MigrationId,
  known: ChainColumns,
): ImportedMigration {
  const title = titleOf(migrationId);
  const { operations } = document.value as { readonly operations: readonly object[] };
  const stale = staleDowns(operations, known);
  known.read(operations);
  return {
    from: document.file,
    migrationId,
    title,
    operations: operations.map((operation) => Object.keys(operation)[0] ?? ''),
    files: new Map([[MIGRATION_FILE, writeImported(document, title, DROPPED_KEYS, stale)]]),
  };
}

/**
 * The names of the files as ids: their own numbers where those give the order of the names, else
 * the place in that order.
 */
function migrationIdsOf(names: readonly string[]): readonly MigrationId[] {
  const numbers = names.map((name) => /^\d+/.exec(name)?.[0]);
  const ascend = numbers.every((number, index) => {
    const before = numbers[index - 1];
    if (number === undefined || number.length > 14) return false;
    return index === 0 || (before !== undefined && BigInt(before) < BigInt(number));
  });
  const width = Math.max(
    LEAST_WIDTH,
    ...numbers.map((number) => (ascend ? (number?.length ?? 0) : 0)),
  );
  return names.map((name, index) => {
    const number = (ascend ? (numbers[index] ?? '') : String(index + 1)).padStart(width, '0');
    const words = snakeCase(ascend ? name.replace(/^\d+/, '') : name);
    const id = `${number}_${words === '' ? 'migration' : words}`.slice(0, MIGRATION_ID_MAX_LENGTH);
    const parsed = parseMigrationId(id.replace(/_+$/, ''));
    // Sound: digits, an underscore and snake_case words are the form of an id.
    return parsed ?? (`${number}_migration` as MigrationId);
  });
}

function snakeCase(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

function titleOf(migrationId: MigrationId): string {
  const words = migrationId.replace(/^\d+_/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function shapeOf(document: YamlDocument): readonly Problem[] {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [
      problem(
        document,
        [],
        'not-pgroll',
        'this is not a migration of pgroll',
        'a mapping with operations',
      ),
    ];
  }
  const unknown = Object.keys(value)
    .filter((key) => key !== 'operations' && !DROPPED_KEYS.includes(key))
    .map((key) =>
      problem(
        document,
        [key],
        'unknown-key',
        `unknown key ${key}`,
        `operations, ${DROPPED_KEYS.join(', ')}`,
      ),
    );
  const operations = 'operations' in value ? value.operations : undefined;
  if (!Array.isArray(operations) || operations.length === 0) {
    return [
      ...unknown,
      problem(
        document,
        ['operations'],
        'no-operations',
        'there are no operations',
        'a list of operations',
      ),
    ];
  }
  const misshapen = operations.flatMap((each, index) => operationProblems(document, each, index));
  return [...unknown, ...(misshapen.length > 0 ? misshapen : formatProblems(document))];
}

const Operations = z.looseObject({ operations: z.array(OperationFormat) });

/** What our formats say of keys and values, each at its place in the file. */
function formatProblems(document: YamlDocument): readonly Problem[] {
  const result = Operations.safeParse(document.value);
  return result.success ? [] : shapeProblems(document, result.error);
}

function operationProblems(document: YamlDocument, operation: unknown, index: number) {
  const isOne =
    typeof operation === 'object' &&
    operation !== null &&
    !Array.isArray(operation) &&
    Object.keys(operation).length === 1;
  if (isOne) return [];
  const expected = 'a mapping with one key, such as add_column';
  const message = `operation ${index + 1} is not a mapping with one key`;
  return [problem(document, ['operations', index], 'not-an-operation', message, expected)];
}

function problem(
  document: YamlDocument,
  path: readonly (string | number)[],
  rule: string,
  message: string,
  expected: string,
): Problem {
  const location = document.locationOfKey(path);
  return { rule, location, message, expected, frame: frameAt(document, location) };
}
