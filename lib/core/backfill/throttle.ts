/** What the target says about itself between two batches. */
export interface ThrottleReading {
  /** Sessions that wait for a lock which one of our sessions holds, while a batch runs. */
  readonly waitingForUs: number;
  /** The slowest replica, in milliseconds; 0 without replicas. */
  readonly replicaLagMs: number;
  /** Age of the oldest snapshot of somebody else, in seconds; 0 when there is none. */
  readonly oldestSnapshotSeconds: number;
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

interface Threshold {
  readonly hold: number;
  readonly resume: number;
}

/**
 * - waitingForUs: a batch takes about 100 ms; at 300 tx/s over 2 million rows less than one session
 *   meets it. Ten at once mean hot rows.
 * - replicaLagMs: Aurora replicas are 10 to 100 ms behind; readers see stale data long before 10 s.
 * - oldestSnapshotSeconds: dead rows of an hour of backfill cannot be removed; more would double the table.
 */
export const THRESHOLDS = {
  waitingForUs: { hold: 10, resume: 2 },
  replicaLagMs: { hold: 10_000, resume: 2_000 },
  oldestSnapshotSeconds: { hold: 3_600, resume: 600 },
} as const satisfies Record<string, Threshold>;

/**
 * The state after a reading. Not being able to read counts as a reason to hold: a target that does
 * not answer is the last one that needs more work.
 * @param reading undefined when it could not be read
 */
export function throttle(
  state: ThrottleState,
  reading: ThrottleReading | undefined,
): ThrottleState {
  if (reading === undefined)
    return { kind: 'held', reason: 'the load of the target cannot be read' };
  const over = (value: number, { hold, resume }: Threshold): boolean =>
    state.kind === 'held' ? value > resume : value >= hold;

  if (over(reading.waitingForUs, THRESHOLDS.waitingForUs)) {
    return held(`${reading.waitingForUs} sessions wait for our row locks`);
  }
  if (over(reading.replicaLagMs, THRESHOLDS.replicaLagMs)) {
    return held(`a replica is ${Math.round(reading.replicaLagMs)} ms behind`);
  }
  if (over(reading.oldestSnapshotSeconds, THRESHOLDS.oldestSnapshotSeconds)) {
    const minutes = Math.round(reading.oldestSnapshotSeconds / 60);
    return held(`a transaction of ${minutes} min keeps dead rows from being removed`);
  }
  if (reading.wraparoundVacuum) {
    return held('a vacuum against transaction id wraparound works on the table');
  }
  return RUNNING;
}

function held(reason: string): ThrottleState {
  return { kind: 'held', reason };
}
