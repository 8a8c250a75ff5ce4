import { applyOverrides } from '../core/config/apply-overrides.ts';
import type { Environment } from '../core/config/configuration.ts';
import { LockkeeperError } from '../core/errors.ts';
import type { Migration } from '../core/migration/migration.ts';
import { renderProblems } from '../core/migration/render-problems.ts';
import type { MigrationSource } from '../ports/control-store.ts';
import { findMigration, type Project, readMigrations } from './project.ts';

export interface ReadMigration {
  /** As it runs in the environment: gates, snapshots and windows are the environment's. */
  readonly migration: Migration;
  /** What an execution keeps of it. */
  readonly source: MigrationSource;
}

/**
 * Reads one migration of a project for an environment, and checks all that can be checked here.
 * @throws LockkeeperError InvalidMigration, UnknownMigration
 */
export async function readMigration(
  project: Project,
  environment: Environment,
  name: string,
): Promise<ReadMigration> {
  const all = await readMigrations(project);
  const declared = findMigration(all, name);
  const migration = applyOverrides(declared, environment);
  if (migration.kind === 'invalid') {
    throw new LockkeeperError('InvalidMigration', renderProblems(migration.problems), {
      facts: { problems: migration.problems.length },
    });
  }
  const { migrationId } = declared;
  const { name: environmentName, policy, overrides } = environment;
  return {
    migration: migration.value,
    source: {
      migrationId,
      files: all.files.get(migrationId) ?? {},
      known: all.migrations.map(({ migrationId, checksum }) => ({ migrationId, checksum })),
      environment: { name: environmentName, policy, overrides },
    },
  };
}
