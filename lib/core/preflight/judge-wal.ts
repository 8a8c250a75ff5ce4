import { type Condition, warn } from './condition.ts';
import { type Forecast, largestCopies } from './forecast.ts';
import { GIB, gib, MIB } from './sizes.ts';

/** The files in which a server keeps its WAL. */
export interface WalFiles {
  /** Of one; 16 MiB unless `initdb` was told otherwise, 64 MiB on RDS. */
  readonly fileBytes: number;
  /** What is kept at least, to be written again: min_wal_size. */
  readonly keptBytes: number;
  /** About what is written between two checkpoints at the most: max_wal_size. */
  readonly mostBytes: number;
  /** Files that there are, each of them written again sooner or later; undefined: our role may not look. */
  readonly files: number | undefined;
}

/** So much is made in half a second on a good disk (30 ms a file of 16 MiB), and in seconds on a slow one. */
const MUCH_BYTES = 256 * MIB;

/**
 * A server that has no WAL file left to write again makes one, and fills it with zeroes while it
 * holds the lock that every commit needs. After a checkpoint it keeps as many old files as it
 * expects to need, so one that is quiet as a rule has too few for its first large backfill. Measured
 * (docs/benchmarks.md): the p99 of traffic was 51 ms beside a backfill that made 29 files, and 5 ms
 * beside one that made none.
 *
 * @param wal undefined where a new file costs nothing, or where there are none, as on Aurora
 * @see https://www.postgresql.org/docs/current/wal-configuration.html
 */
export function judgeWal(
  forecasts: readonly Forecast[],
  wal: WalFiles | undefined,
): readonly Condition[] {
  if (wal === undefined) return [];
  const { fileBytes, keptBytes, mostBytes, files } = wal;
  const [largest] = largestCopies(forecasts);
  if (largest === undefined) return [];
  const needed = Math.min(largest.bytes, mostBytes);
  const there = files === undefined ? keptBytes : files * fileBytes;
  if (needed - there < MUCH_BYTES) return [];
  const more = Math.ceil((needed - there) / fileBytes);
  return [
    warn(
      'wal-files',
      `step ${largest.stepId} writes about ${size(largest.bytes)} of WAL, and the server has files for ${size(there)}: it makes up to ${more} new ones of ${size(fileBytes)} meanwhile, and nobody's transaction commits while it fills one with zeroes`,
      `set min_wal_size = '${Math.ceil(needed / MIB)}MB' (on RDS: in the parameter group) and let the server write as much before, so that it has files to write again`,
    ),
  ];
}

function size(bytes: number): string {
  return bytes < GIB ? `${Math.round(bytes / MIB)} MiB` : gib(bytes);
}
