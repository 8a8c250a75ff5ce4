import type { Execution } from '../../core/executions/execution.ts';
import type { EpochMs } from '../../core/ids.ts';
import { EXPIRES, parseExpiry } from '../../core/restore/lifetime.ts';
import type { RestoredCluster } from '../../ports/cluster-service.ts';
import { PUT_ASIDE, TAKING_OVER } from '../restore/context.ts';

/** Part of every restored cluster's name, and of none that took over. */
const RESTORED = '-restored-';

/**
 * Why a cluster stays. Only what is ours beyond doubt goes: restored by us, past the time in its tag,
 * under the name that it was restored with, unprotected, and wanted by nobody.
 * @param underWay executions that something happens to
 */
export function reasonToKeep(
  cluster: RestoredCluster,
  now: EpochMs,
  underWay: readonly Execution[],
): string | undefined {
  const { clusterIdentifier, status, tags, deletionProtection } = cluster;
  const expiresAt = parseExpiry(tags[EXPIRES]);
  if (expiresAt === undefined) return `it has no tag ${EXPIRES} with a time`;
  if (expiresAt > now) return `it expires ${tags[EXPIRES]}`;
  if (!clusterIdentifier.includes(RESTORED)) return 'it was renamed';
  if (tags[TAKING_OVER] !== undefined) return 'it took over, or is about to';
  if (tags[PUT_ASIDE] !== undefined) return 'it was put aside by a takeover';
  if (deletionProtection) return 'it is protected from being deleted';
  if (status !== 'available') return `it is ${status}`;
  const restore = underWay.find(({ restore }) => restore?.names.restored === clusterIdentifier);
  return restore && `${restore.executionId} works with it`;
}
