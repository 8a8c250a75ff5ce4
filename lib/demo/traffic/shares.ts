import { VERSION_NAMES, type VersionName } from './app.ts';
import type { Random } from './random.ts';

/** Which part of the requests each version gets, as weights; 0 is off. */
export type VersionShares = Readonly<Record<VersionName, number>>;

/** The shares as they are now; changed while requests run. */
export interface Shares {
  isOn(version: VersionName): boolean;
  /** One of the versions that are on. */
  choose(random: Random): VersionName;
  set(version: VersionName, share: number): void;
  /** Grows with each change, so that what was remembered under other shares is not trusted. */
  readonly revision: number;
}

/** Shares are compared in thousandths. */
const PARTS = 1000;

export function sharesOf(initial: VersionShares): Shares {
  const weights: Record<VersionName, number> = { ...initial };
  let revision = 0;
  return {
    get revision() {
      return revision;
    },
    isOn: (version) => weights[version] > 0,
    choose: (random) => {
      const total = VERSION_NAMES.reduce((sum, version) => sum + weights[version], 0);
      if (total <= 0) throw new RangeError('no version of the application is on');
      const point = (random.below(PARTS) / PARTS) * total;
      return point < weights.old ? 'old' : 'new';
    },
    set: (version, share) => {
      if (!(share >= 0)) throw new RangeError(`a share is 0 or more, got ${share}`);
      weights[version] = share;
      revision += 1;
    },
  };
}
