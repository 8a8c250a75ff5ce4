import type { SnapshotSummary } from '../../ports/cluster-service.ts';
import { moment } from './durations.ts';
import { table } from './table.ts';

/** Snapshots that executions took, newest first. */
export function snapshotsView(snapshots: readonly SnapshotSummary[]): string {
  if (snapshots.length === 0) return 'no execution took a snapshot yet';
  return table(
    ['taken', 'snapshot', 'status', 'moment', 'execution'],
    snapshots.map(({ createdAt, snapshotIdentifier, status, percent, tags }) => [
      moment(createdAt),
      snapshotIdentifier,
      status === 'available' ? status : `${status} ${percent}%`,
      tags['lockkeeper:moment'] ?? '',
      tags['lockkeeper:execution'] ?? '',
    ]),
  );
}
