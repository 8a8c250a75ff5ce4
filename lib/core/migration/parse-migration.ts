import type { SqlParser } from '../sql/parser.ts';
import { checksumOf } from './checksum.ts';
import { gatesWithDefaults, snapshotsWithDefaults } from './defaults.ts';
import { type MigrationDeclaration, MigrationFormat } from './format/migration-format.ts';
import { type DeclaredSnapshots, type Migration, removes } from './migration.ts';
import {
  belongsToMigration,
  MIGRATION_FILE,
  type MigrationFolder,
  plainText,
  shownPath,
} from './migration-folder.ts';
import type { Parsed, Problem } from './problem.ts';
import { readOperations } from './read/read-operations.ts';
import { type Phases, readPhases } from './read/read-phases.ts';
import { type Reading, reportAt } from './read/reading.ts';
import { byLocation } from './render-problems.ts';
import { shapeProblems } from './source/shape-problems.ts';
import { readYaml, type YamlDocument } from './source/yaml-document.ts';

/**
 * Reads one migration folder. All problems of all its files are found at once; only a file that
 * is not YAML hides what is wrong inside it.
 */
export function parseMigration(received: MigrationFolder, parser: SqlParser): Parsed<Migration> {
  const folder = { ...received, files: plainFiles(received.files) };
  const text = folder.files.get(MIGRATION_FILE);
  const file = shownPath(folder, MIGRATION_FILE);
  if (text === undefined) return { kind: 'invalid', problems: [withoutFile(file)] };
  const yaml = readYaml({ file, text });
  if (yaml.kind === 'invalid') return yaml;
  const reading: Reading = {
    document: yaml.value,
    folder,
    parser,
    problems: [],
    usedFiles: new Set(),
  };
  const declared = readShape(reading);
  const phases = readPhases(reading);
  const operations = readOperations(reading);
  reportUnusedFiles(reading);
  if (reading.problems.length === 0 && operations.length === 0 && isEmpty(phases))
    reportAt(reading, [], EMPTY);
  if (declared === undefined || reading.problems.length > 0) {
    return { kind: 'invalid', problems: reading.problems.toSorted(byLocation) };
  }
  const takesAway = removes({ ...phases, operations });
  return {
    kind: 'parsed',
    value: {
      migrationId: folder.migrationId,
      title: declared.title,
      description: declared.description,
      checksum: checksumOf(folder.files),
      operations,
      versionedSchema: declared.versioned_schema,
      ...phases,
      ...(declared.batch !== undefined && { pacing: declared.batch }),
      gates: gatesWithDefaults(declared.gates, takesAway),
      snapshots: locatedSnapshots(reading.document, declared, takesAway),
      windows: declared.windows,
    },
  };
}

const EMPTY = {
  rule: 'empty-migration',
  message: 'the migration has no steps',
  expected: 'an operation, or a step in expand, backfill, validate, contract or finalize',
};

function isEmpty({ expand, backfill, validate, contract, finalize }: Phases): boolean {
  return [expand, backfill, validate, contract, finalize].every((steps) => steps.length === 0);
}

function withoutFile(file: string): Problem {
  return {
    rule: 'missing-file',
    location: { file, line: 1, column: 1 },
    message: `there is no ${MIGRATION_FILE} in the folder`,
    expected: `a folder with a ${MIGRATION_FILE}`,
  };
}

function plainFiles(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...files].map(([path, text]) => [path, plainText(text)]));
}

function readShape(reading: Reading): MigrationDeclaration | undefined {
  const { document } = reading;
  const result = MigrationFormat.safeParse(document.value);
  if (result.success) return result.data;
  const problems = shapeProblems(document, result.error);
  reading.problems.push(...problems);
  return undefined;
}

function reportUnusedFiles(reading: Reading): void {
  for (const path of [...reading.folder.files.keys()].sort()) {
    if (path === MIGRATION_FILE || !belongsToMigration(path) || reading.usedFiles.has(path))
      continue;
    reportAt(reading, [], {
      rule: 'unused-file',
      message: `no step uses ${path}`,
      expected: 'every .sql file of the folder to be named by a step',
      fix: `file: ${path}`,
    });
  }
}

function locatedSnapshots(
  document: YamlDocument,
  declared: MigrationDeclaration,
  removes: boolean,
): DeclaredSnapshots {
  const snapshots = snapshotsWithDefaults(declared.snapshots, removes);
  const location = document.locationOf(['snapshots']);
  const written = (document.value as Readonly<Record<string, unknown>>)['snapshots'] !== undefined;
  return written ? { ...snapshots, location } : snapshots;
}
