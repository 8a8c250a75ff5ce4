import type { BatchSample } from '../batch-samples.ts';
import type { BackfillSecond } from '../facts.ts';

/** A batch that was rounded to nothing took a part of a millisecond. */
const SHORTEST_MS = 1;

/**
 * The seconds from the beginning of a run to the end of its last batch. Rows are spread evenly over
 * the time of their batch: counted at its end, a second would have one batch more or less than the
 * next by chance. The first and the last second are only in part the run's; their rate is that of the part.
 * @param startedAt when the run began, on the timeline in seconds
 */
export function backfillSeconds(
  samples: readonly BatchSample[],
  startedAt: number,
): readonly BackfillSecond[] {
  const batches = samples.map(({ at, rows, ms }) => {
    const end = startedAt + at;
    return { begin: end - Math.max(ms, SHORTEST_MS) / 1_000, end, rows, ms };
  });
  if (batches.length === 0) return [];
  const endedAt = Math.max(...batches.map(({ end }) => end));
  const first = Math.floor(startedAt);
  return Array.from({ length: Math.ceil(endedAt) - first }, (_, index) => {
    const at = first + index;
    const second = { begin: Math.max(at, startedAt), end: Math.min(at + 1, endedAt) };
    const within = batches.filter((batch) => overlap(batch, second) > 0);
    const rows = within.reduce(
      (sum, batch) => sum + (batch.rows * overlap(batch, second)) / (batch.end - batch.begin),
      0,
    );
    const longest = Math.max(...within.map(({ ms }) => ms));
    return {
      at,
      rowsPerSecond: rows / (second.end - second.begin),
      longestBatchMs: within.length === 0 ? undefined : longest,
    };
  });
}

interface Span {
  readonly begin: number;
  readonly end: number;
}

function overlap(one: Span, other: Span): number {
  return Math.min(one.end, other.end) - Math.max(one.begin, other.begin);
}
