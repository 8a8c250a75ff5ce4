import type { Migration } from '../../core/migration/migration.ts';
import { MIGRATION_FILE } from '../../core/migration/migration-folder.ts';

/**
 * A snapshot that the migration wants and that can never be taken is refused now: the state that
 * takes it would find out when other things have been done already.
 * @param why of this target no snapshot can be taken; undefined where one can
 * @returns the reason against it, with the ways to go
 */
export function noSnapshots(
  { migrationId, snapshots }: Migration,
  environment: string,
  why: string | undefined,
): string | undefined {
  const { beforeExpand, beforeContract } = snapshots;
  if (why === undefined || (beforeExpand === 'none' && beforeContract === 'none')) return undefined;
  const moment = beforeExpand === 'none' ? 'contract' : 'expand';
  return `${migrationId} wants a snapshot before ${moment}, and ${why}; write snapshots: none in its ${MIGRATION_FILE} or in the overrides of ${environment}, with allow_without_snapshots: true in the policy of ${environment}`;
}
