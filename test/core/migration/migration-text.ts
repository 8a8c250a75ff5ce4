import type { MigrationId } from '../../../lib/core/ids.ts';
import type { Migration } from '../../../lib/core/migration/migration.ts';
import { parseMigration } from '../../../lib/core/migration/parse-migration.ts';
import { renderProblems } from '../../../lib/core/migration/render-problems.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';

export const sqlParser = await loadParser();

/** Reads `migration.yaml` (and other files) as the folder `migrations/0002_add_billing`. */
export function parseText(yaml: string, files: Readonly<Record<string, string>> = {}) {
  return parseMigration(
    {
      migrationId: '0002_add_billing' as MigrationId,
      files: new Map(Object.entries({ 'migration.yaml': yaml, ...files })),
    },
    sqlParser,
  );
}

/** The migration, or a failing test that shows the problems. */
export function parsedMigration(
  yaml: string,
  files: Readonly<Record<string, string>> = {},
): Migration {
  const parsed = parseText(yaml, files);
  if (parsed.kind === 'parsed') return parsed.value;
  throw new TypeError(`not a migration:\n${renderProblems(parsed.problems)}`);
}

/** What the author would see; empty when there is nothing wrong. */
export function problemsOf(yaml: string, files: Readonly<Record<string, string>> = {}): string {
  const parsed = parseText(yaml, files);
  return parsed.kind === 'invalid' ? `\n${renderProblems(parsed.problems)}\n` : '';
}

/** The shortest migration, with more lines after it. */
export const migrationWith = (lines: string): string =>
  `version: 1\ntitle: Add billing\n${lines}\n`;
