import { applyOverrides } from '../../core/config/apply-overrides.ts';
import type { Migration } from '../../core/migration/migration.ts';
import { parseMigration } from '../../core/migration/parse-migration.ts';
import type { Parsed } from '../../core/migration/problem.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import type { MigrationSource } from '../../ports/control-store.ts';

/** The migration as it was stored when the execution started, under its environment's rules. */
export function readMigration(source: MigrationSource, parser: SqlParser): Parsed<Migration> {
  const parsed = parseMigration(
    { migrationId: source.migrationId, files: new Map(Object.entries(source.files)) },
    parser,
  );
  if (parsed.kind === 'invalid') return parsed;
  return applyOverrides(parsed.value, source.environment);
}
