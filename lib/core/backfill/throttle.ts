/** What the target says about itself between two batches. */
export interface ThrottleReading {
  /** Sessions that wait for a lock which one of our sessions holds, while a batch runs. */
  readonly waitingForUs: number;
  /** The slowest replica, in milliseconds; 0 without replicas. */
  readonly replicaLagMs: number;
  /** Age of the oldest snapshot of somebody else, in seconds; 0 when there is none. */
  readonly oldestSnapshotSeconds: number;
  /** What the whole server writes, ours included; 0 where it is not known or has no meaning. */
  readonly walBytesPerSecond: number;
  /** Whether an autovacuum against transaction id wraparound works on the table. */
  readonly wraparoundVacuum: boolean;
  /** An ordinary (auto)vacuum on the table; it helps, so it is shown and does not hold. */
  readonly vacuum: boolean;
  /** False when the role may not see other sessions; then three of the signals are blind. */
  readonly seesOthers: boolean;
}

/** Whether batches may run. Holding again needs more than going on, so that it does not flutter. */
export type ThrottleState =
  | { readonly kind: 'running' }
  | { readonly kind: 'held'; readonly reason: string };

export const RUNNING: ThrottleState = { kind: 'running' };

/** When batches are held, and when they go on. */
export interface Threshold {
  readonly hold: number;
  readonly resume: number;
}

/**
 * - waitingForUs: a batch takes about 100 ms; at 300 tx/s over 2 million rows less than one session
 *   meets it. Ten at once mean hot rows.
 * - replicaLagMs: Aurora replicas are 10 to 100 ms behind; readers see stale data long before 10 s.
 * - oldestSnapshotSeconds: dead rows of an hour of backfill cannot be removed; more would double the table.
 * - walBytesPerSecond: twelve segments of 16 MB a second. A backfill alone writes 20 to 60 MB/s; archiving and
 *   replicas that have to carry three times as much fall behind.
 */
export const THRESHOLDS = {
  waitingForUs: { hold: 10, resume: 2 },
  replicaLagMs: { hold: 10_000, resume: 2_000 },
  oldestSnapshotSeconds: { hold: 3_600, resume: 600 },
  walBytesPerSecond: { hold: 200_000_000, resume: 100_000_000 },
} as const satisfies Record<string, Threshold>;

export type Thresholds = Readonly<Record<keyof typeof THRESHOLDS, Threshold>>;

/**
 * The state after a reading. Not being able to read counts as a reason to hold: a target that does
 * not answer is the last one that needs more work.
 * @param reading undefined when it could not be read
 * @param thresholds as they were tuned. @default - ours
 */
export function throttle(
  state: ThrottleState,
  reading: ThrottleReading | undefined,
  thresholds: Thresholds = THRESHOLDS,
): ThrottleState {
  if (reading === undefined)
    return { kind: 'held', reason: 'the load of the target cannot be read' };
  const over = (value: number, { hold, resume }: Threshold): boolean =>
    state.kind === 'held' ? value > resume : value >= hold;

  if (over(reading.waitingForUs, thresholds.waitingForUs)) {
    return held(`${reading.waitingForUs} sessions wait for our row locks`);
  }
  if (over(reading.replicaLagMs, thresholds.replicaLagMs)) {
    return held(`a replica is ${Math.round(reading.replicaLagMs)} ms behind`);
  }
  if (over(reading.oldestSnapshotSeconds, thresholds.oldestSnapshotSeconds)) {
    const minutes = Math.round(reading.oldestSnapshotSeconds / 60);
    return held(`a transaction of ${minutes} min keeps dead rows from being removed`);
  }
  if (over(reading.walBytesPerSecond, thresholds.walBytesPerSecond)) {
    return held(
      `the server writes ${Math.round(reading.walBytesPerSecond / 1_000_000)} MB of WAL a second`,
    );
  }
  if (reading.wraparoundVacuum) {
    return held('a vacuum against transaction id wraparound works on the table');
  }
  return RUNNING;
}

function held(reason: string): ThrottleState {
  return { kind: 'held', reason };
}
