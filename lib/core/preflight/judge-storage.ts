import { type Condition, warn } from './condition.ts';
import { type Forecast, largestCopies } from './forecast.ts';
import { GIB, gib } from './sizes.ts';

/** What SQL, and CloudWatch where it may be asked, tell about the storage of the target. */
export interface Storage {
  /** All databases of the server together. */
  readonly usedBytes: number;
  /** Aurora's volume grows by itself; every other server's ends somewhere. */
  readonly aurora: boolean;
  /** Where the writer of an Aurora cluster sorts; undefined where nobody could be asked. */
  readonly freeLocalBytes?: number | undefined;
}

/** Less than this fits wherever a server still runs. */
const MUCH_BYTES = GIB;

/**
 * What the plan writes anew, against what is known of the room for it. How much is free cannot be
 * asked in SQL, on no kind of server, and that is said and not passed over. On Aurora an index is
 * sorted in the local storage of the writer, in files that together are about as large as the index.
 */
export function judgeStorage(
  forecasts: readonly Forecast[],
  { usedBytes, aurora, freeLocalBytes }: Storage,
): readonly Condition[] {
  const copies = largestCopies(forecasts);
  const total = copies.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < MUCH_BYTES) return [];
  const largest = copies.slice(0, 3).map(({ stepId, bytes }) => `${stepId} ${gib(bytes)}`);
  const what = `the plan writes up to ${gib(total)} anew (${largest.join(', ')}), and as much WAL, beside the ${gib(usedBytes)} of the server`;
  if (aurora && freeLocalBytes !== undefined) {
    const left = `${what}; the volume grows by itself, and the writer has about ${Math.floor(freeLocalBytes / GIB)} GiB of local storage left for sorting`;
    const isShort = (copies[0]?.bytes ?? 0) > freeLocalBytes;
    return [
      isShort
        ? warn(
            'storage',
            `${left}, less than ${copies[0]?.stepId} may need`,
            'give the writer a class with more local storage before it comes, or find who fills it with temporary files',
          )
        : warn('storage', left, 'look at VolumeBytesUsed of the cluster in CloudWatch'),
    ];
  }
  return aurora
    ? [
        warn(
          'storage',
          `${what}; the volume grows by itself, and how much local storage is left for sorting cannot be asked in SQL`,
          'look at FreeLocalStorage of the writer and VolumeBytesUsed of the cluster in CloudWatch',
        ),
      ]
    : [
        warn(
          'storage',
          `${what}; how much is free cannot be asked in SQL`,
          `make sure that ${gib(2 * total)} are free: the disk of the server, FreeStorageSpace in CloudWatch`,
        ),
      ];
}
