import { LockkeeperError } from '../../core/errors.ts';
import { type DurationMs, durationMs } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { commonFailureOf, errorMessage, errorName, serviceError } from '../service-error.ts';

/** RDS throttles its control plane early; 1, 2, 4, 8 s and the SDK's own tries are 15 s of patience. */
const PAUSES: readonly DurationMs[] = [1_000, 2_000, 4_000, 8_000].map(durationMs);

/**
 * Calls RDS; throttled calls are tried again, which is safe because a throttled call did nothing.
 * @throws LockkeeperError with RDS's own words
 */
export async function callRds<T>(clock: Clock, action: string, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const pause = PAUSES[attempt];
      if (commonFailureOf(error) !== 'throttled' || pause === undefined) {
        throw translate(action, error);
      }
      await clock.sleep(pause);
    }
  }
}

/** Fault names of the RDS API reference; the code is the SDK's error name. */
function translate(action: string, error: unknown): LockkeeperError {
  const said = errorMessage(error);
  switch (errorName(error)) {
    case 'DBClusterNotFoundFault':
      return new LockkeeperError('TargetUnreachable', `could not ${action}: ${said}`, {
        cause: error,
        fix: 'check the cluster identifier and the region',
      });
    case 'DBClusterSnapshotNotFoundFault':
      return new LockkeeperError('UnknownSnapshot', `could not ${action}: ${said}`, {
        cause: error,
      });
    case 'InvalidDBClusterStateFault':
    case 'SnapshotQuotaExceededFault':
    case 'DBClusterQuotaExceededFault':
    case 'InstanceQuotaExceededFault':
      return new LockkeeperError('SnapshotsUnsupported', `could not ${action}: ${said}`, {
        cause: error,
      });
    default:
      return serviceError('RDS', action, error);
  }
}
