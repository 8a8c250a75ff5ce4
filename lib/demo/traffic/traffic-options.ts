import type { VersionShares } from './shares.ts';

/** How much traffic, from whom. */
export interface TrafficOptions {
  readonly connectionString: string;
  /** Weights of the two versions at the start. */
  readonly versions: VersionShares;
  /** Requests that become due each second; each is one to five statements. */
  readonly ratePerSecond: number;
  /** Users that make one request at a time; each has one connection for each version. */
  readonly clients: number;
  /** Chooses accounts, requests and values; their order in time is up to the scheduler. */
  readonly seed: number;
  /** Name of the first phase of the measurements. @default 'before' */
  readonly firstPhase?: string;
}
