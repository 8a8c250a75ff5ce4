import bytes from 'bytes';
import type { Pacing } from '../migration/migration.ts';

/**
 * What a batch writes at most unless a migration says otherwise: 16 MB, one segment of WAL. A batch is
 * one transaction, which replicas and consumers of the WAL get as a whole. Rows of 170 bytes reach
 * `max_rows` before it; rows of some kB, and the first batches of very wide ones, before anybody
 * knows how long they take, are what it is for.
 */
export const MAX_BYTES = 16 * 1_024 * 1_024;

/** How many rows of this width a batch may have; undefined where the width is not known. */
export function rowsWithin(
  { maxBytes = MAX_BYTES }: Pick<Pacing, 'maxBytes'>,
  rowBytes: number | undefined,
): number | undefined {
  return rowBytes === undefined ? undefined : Math.max(1, Math.floor(maxBytes / rowBytes));
}

/** The pace with no more rows in a batch than its bytes allow; fewer than `minRows` where they are wide. */
export function withinBytes<P extends Pick<Pacing, 'maxBytes' | 'minRows' | 'maxRows'>>(
  pacing: P,
  rowBytes: number | undefined,
): P {
  const most = rowsWithin(pacing, rowBytes) ?? pacing.maxRows;
  return {
    ...pacing,
    minRows: Math.min(pacing.minRows, most),
    maxRows: Math.min(pacing.maxRows, most),
  };
}

/** Why batches do not grow, where it is for their bytes: `never more than 16 rows, as one writes about 1MB`. */
export function saidOfBytes(
  pacing: Pick<Pacing, 'maxBytes' | 'maxRows'>,
  rowBytes: number | undefined,
): string | undefined {
  const most = rowsWithin(pacing, rowBytes);
  if (most === undefined || rowBytes === undefined || most > pacing.maxRows) return undefined;
  return `never more than ${most} rows, as one writes about ${bytes.format(rowBytes, { decimalPlaces: 1 })}`;
}
