import { type DurationMs, durationMs } from '../ids.ts';

/** How long a restore will take, and how we know. */
export interface ExpectedDuration {
  readonly fromMs: DurationMs;
  readonly toMs: DurationMs;
  readonly basis: string;
}

const MINUTE_MS = 60_000;

/**
 * What each part takes on Aurora, in minutes. The volume is filled lazily, so the size of the data
 * matters little; what takes time is the cluster, and the start of an instance. These are what people
 * who restore often report, not a promise of AWS: a restore that was made here counts for more.
 */
const PARTS = {
  cluster: [5, 15],
  instance: [5, 15],
  dataApi: [1, 3],
  /** Two clusters and two instances, which restart. */
  renames: [4, 12],
} as const satisfies Record<string, readonly [from: number, to: number]>;

export function expectedDuration(options: {
  readonly takeOver: boolean;
  /** Whether the restored cluster is there from an earlier restore. */
  readonly thereAlready: boolean;
  /** How long earlier restores of the same execution took, beside the original. */
  readonly earlier: readonly DurationMs[];
  readonly embedded: boolean;
}): ExpectedDuration {
  if (options.embedded) {
    return {
      fromMs: durationMs(5_000),
      toMs: durationMs(MINUTE_MS),
      basis: 'a directory is copied on this machine, and its server started',
    };
  }
  const renames = options.takeOver ? PARTS.renames : ([0, 0] as const);
  const measured = options.earlier.at(-1);
  if (measured !== undefined && !options.thereAlready) {
    return {
      fromMs: durationMs(measured + renames[0] * MINUTE_MS),
      toMs: durationMs(measured * 1.5 + renames[1] * MINUTE_MS),
      basis: 'the last restore of this execution, half as long again for safety',
    };
  }
  const making = options.thereAlready ? [] : [PARTS.cluster, PARTS.instance, PARTS.dataApi];
  const sum = (index: 0 | 1) =>
    [...making, renames].reduce((total, part) => total + part[index], 0) * MINUTE_MS;
  return {
    fromMs: durationMs(sum(0)),
    toMs: durationMs(sum(1)),
    basis: options.thereAlready
      ? 'the cluster is there from an earlier restore'
      : 'typical times of Aurora; nothing was restored here yet',
  };
}
