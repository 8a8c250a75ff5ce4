import { build, type Histogram } from 'hdr-histogram-js';
import type { TrafficPhase, TrafficPhaseName, TrafficSecond } from '../facts.ts';

/** Collects the latencies of one phase, also second by second. */
export interface PhaseRecorder {
  /** @param dueAt when the transaction should have begun, on the clock of `startRecorder` */
  ended(dueAt: number, latencyMs: number, failed: boolean): void;
  lockWaitSeen(ms: number): void;
  /** No transaction becomes due in this phase any more; those that are due may still end. */
  close(at: number): void;
  report(): Omit<TrafficPhase, 'rowsPerSecond'>;
  timeline(): readonly TrafficSecond[];
}

/** Histograms count whole microseconds with three digits, which is 0.1% of the value. */
const MICROSECONDS = 1_000;

/**
 * @param origin beginning of the timeline
 * @param start beginning of the phase; all in milliseconds of a clock that never goes back
 */
export function startRecorder(
  name: TrafficPhaseName,
  origin: number,
  start: number,
): PhaseRecorder {
  const latency = emptyHistogram();
  const seconds = new Map<number, Histogram>();
  let end = start;
  let failures = 0;
  let longestLockWaitMs = 0;
  return {
    ended: (dueAt, latencyMs, failed) => {
      const value = Math.round(latencyMs * MICROSECONDS);
      latency.recordValue(value);
      const second = Math.floor((dueAt - origin) / 1_000);
      const ofSecond = seconds.get(second) ?? emptyHistogram();
      ofSecond.recordValue(value);
      seconds.set(second, ofSecond);
      if (failed) failures += 1;
    },
    lockWaitSeen: (ms) => {
      longestLockWaitMs = Math.max(longestLockWaitMs, ms);
    },
    close: (at) => {
      end = at;
    },
    report: () => ({
      name,
      startedAt: (start - origin) / 1_000,
      seconds: (end - start) / 1_000,
      transactions: latency.totalCount,
      failed: failures,
      latencyMs: {
        p50: latency.getValueAtPercentile(50) / MICROSECONDS,
        p99: latency.getValueAtPercentile(99) / MICROSECONDS,
        max: latency.maxValue / MICROSECONDS,
      },
      longestLockWaitMs,
    }),
    timeline: () =>
      [...seconds].map(([at, histogram]) => ({
        phase: name,
        at,
        p99Ms: histogram.getValueAtPercentile(99) / MICROSECONDS,
      })),
  };
}

function emptyHistogram(): Histogram {
  return build({ numberOfSignificantValueDigits: 3, autoResize: true });
}
