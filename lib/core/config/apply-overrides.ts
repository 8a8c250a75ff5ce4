import { type DeclaredSnapshots, type Migration, removes } from '../migration/migration.ts';
import { MIGRATION_FILE } from '../migration/migration-folder.ts';
import type { Parsed } from '../migration/problem.ts';
import type { EnvironmentOverrides } from './configuration.ts';
import type { EnvironmentSettings } from './environment-settings.ts';

/**
 * The migration as it runs in an environment: gates, snapshots and windows of the environment
 * replace those of the migration, one by one. Invalid when no snapshot would be taken in an
 * environment that does not allow that.
 */
export function applyOverrides(
  migration: Migration,
  environment: EnvironmentSettings,
): Parsed<Migration> {
  const { overrides, policy } = environment;
  const takesAway = removes(migration);
  const overridden: Migration = {
    ...migration,
    gates: { ...migration.gates, ...overrides.gates },
    snapshots: snapshotsOf(migration, overrides, takesAway),
    windows: { ...migration.windows, ...overrides.windows },
  };
  const { beforeExpand, beforeContract } = overridden.snapshots;
  const withoutSnapshot = beforeExpand === 'none' || (takesAway && beforeContract === 'none');
  if (policy.allowWithoutSnapshots || !withoutSnapshot) {
    return { kind: 'parsed', value: overridden };
  }
  return {
    kind: 'invalid',
    problems: [
      {
        rule: 'snapshots-required',
        location: migration.snapshots.location ?? {
          file: `${migration.migrationId}/${MIGRATION_FILE}`,
          line: 1,
          column: 1,
        },
        message: `${migration.migrationId} takes no snapshot before ${beforeExpand === 'none' ? 'expand' : 'contract'}, which the environment ${environment.name} does not allow`,
        expected: 'snapshots: required',
        fix: `write snapshots: required, or allow_without_snapshots: true in the policy of ${environment.name}`,
      },
    ],
  };
}

/** Without a contract there is no moment before it: what the migration says stays. */
function snapshotsOf(
  migration: Migration,
  overrides: EnvironmentOverrides,
  takesAway: boolean,
): DeclaredSnapshots {
  const { beforeContract } = migration.snapshots;
  const merged = { ...migration.snapshots, ...overrides.snapshots };
  return takesAway ? merged : { ...merged, beforeContract };
}
