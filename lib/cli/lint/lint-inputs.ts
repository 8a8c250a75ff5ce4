import { parseMigrationId } from '../../core/ids.ts';
import { lintFile } from '../../core/lint/lint-file.ts';
import { lintMigration } from '../../core/lint/lint-migration.ts';
import { lintProblems } from '../../core/lint/lint-problems.ts';
import { type LintPart, type LintReport, lintReport } from '../../core/lint/lint-report.ts';
import { parseMigration } from '../../core/migration/parse-migration.ts';
import { type ClassifyContext, NOTHING_EARLIER } from '../../core/sql/catalog.ts';
import { loadParser } from '../../core/sql/parser.ts';
import type { LintInput } from './find-lint-inputs.ts';

/**
 * Lints every input by itself, without a database: sizes are not known, so that nothing is excused
 * for being small.
 * @param serverVersion major version of the target, 13 to 18
 */
export async function lintInputs(
  inputs: readonly LintInput[],
  serverVersion: number,
): Promise<LintReport> {
  const target: ClassifyContext = {
    parser: await loadParser(),
    serverVersion,
    timeZoneUtc: undefined,
    catalog: undefined,
    earlier: NOTHING_EARLIER,
  };
  return lintReport(inputs.map((input) => lintInput(input, target)));
}

function lintInput(input: LintInput, target: ClassifyContext): LintPart {
  if (input.kind === 'file') return lintFile(input.file, input.text, target);
  const { name, directory, files } = input;
  const migrationId = parseMigrationId(name);
  if (migrationId === undefined) {
    const location = { file: directory, line: 1, column: 1 };
    const message = `${name} is not the name of a migration`;
    return lintProblems([{ rule: 'migration-id', location, message }]);
  }
  const parsed = parseMigration({ migrationId, directory, files }, target.parser);
  return parsed.kind === 'invalid'
    ? lintProblems(parsed.problems)
    : lintMigration(parsed.value, target);
}
