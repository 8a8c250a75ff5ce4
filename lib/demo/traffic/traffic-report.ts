import type { VersionName } from './app.ts';

/** What the traffic saw. Plain data: it crosses from one process to another. */
export interface TrafficReport {
  readonly durationMs: number;
  readonly requests: number;
  readonly failed: number;
  /** The first failures; the same message is listed once, with how often it came. */
  readonly failures: readonly TrafficFailure[];
  readonly requestsByVersion: Readonly<Record<VersionName, number>>;
  /** Requests meant for the new version that the old one served: their account was not moved yet. */
  readonly handedToOld: number;
  /** Writes of one version that the other version read back. */
  readonly crossVersionReads: number;
  /** In the order in which they were marked. */
  readonly phases: readonly PhaseReport[];
  /** The longest time a session of the application was seen waiting for a lock. */
  readonly longestLockWait: LockWait | undefined;
}

export interface TrafficFailure {
  readonly version: VersionName;
  readonly operation: string;
  readonly phase: string;
  readonly message: string;
  readonly count: number;
}

/** Response times are counted in the phase in which the response came. */
export interface PhaseReport {
  readonly phase: string;
  readonly durationMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly latency: LatencySummary;
  /** Milliseconds; 0 when no wait was seen. */
  readonly longestLockWaitMs: number;
}

/** Milliseconds from the moment a request was due, so a wait for a free client counts too. */
export interface LatencySummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The slowest request that wrote: what a blocked writer would show. */
  readonly writeMaxMs: number;
}

export interface LockWait {
  readonly waitMs: number;
  readonly phase: string;
  /** application_name of the session that waited. */
  readonly waiter: string;
  /** `invoices AccessExclusiveLock`, or the kind of lock when it is not on a table. */
  readonly lock: string;
  /** application_name of those in the way; what kind of process it is where it has none. */
  readonly blockedBy: readonly string[];
}
