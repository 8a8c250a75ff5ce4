import { build, type Histogram } from 'hdr-histogram-js';
import type { VersionName } from './app.ts';
import type { LockWait, PhaseReport, TrafficFailure, TrafficReport } from './traffic-report.ts';

/** One request that has ended. */
export interface RequestResult {
  readonly version: VersionName;
  readonly operation: string;
  readonly kind: 'read' | 'write';
  readonly latencyMs: number;
  /** What was wrong; undefined when the response was right. */
  readonly failure: string | undefined;
  readonly handedToOld: boolean;
  readonly crossVersion: boolean;
}

/** Collects what the requests and the lock watch saw, phase by phase. */
export interface Measurements {
  /** What is measured from now on belongs to this phase; a name may come again. */
  mark(phase: string): void;
  requestEnded(result: RequestResult): void;
  lockWaitSeen(wait: Omit<LockWait, 'phase'>): void;
  report(): TrafficReport;
}

interface PhaseMeasurements {
  activeMs: number;
  requests: number;
  failed: number;
  readonly latency: Histogram;
  writeMaxMs: number;
  longestLockWaitMs: number;
}

/** Messages kept; the count of failures has no limit. */
const FAILURES_KEPT = 20;
/** Histograms count whole microseconds with three digits, which is 0.1% of the value. */
const MICROSECONDS = 1000;

/** @param now milliseconds of a clock that never goes back */
export function measure(firstPhase: string, now: () => number): Measurements {
  const startedAt = now();
  const phases = new Map<string, PhaseMeasurements>();
  const failures = new Map<string, TrafficFailure>();
  const byVersion: Record<VersionName, number> = { old: 0, new: 0 };
  let handedToOld = 0;
  let crossVersionReads = 0;
  let longest: LockWait | undefined;
  let name = firstPhase;
  let since = startedAt;
  let current = phaseOf(name);

  function phaseOf(phase: string): PhaseMeasurements {
    const found = phases.get(phase) ?? emptyPhase();
    phases.set(phase, found);
    return found;
  }
  function endPeriod(): void {
    current.activeMs += now() - since;
    since = now();
  }
  function keepFailure(result: RequestResult, message: string): void {
    const { version, operation } = result;
    const key = JSON.stringify([version, operation, name, message]);
    const count = (failures.get(key)?.count ?? 0) + 1;
    if (count === 1 && failures.size >= FAILURES_KEPT) return;
    failures.set(key, { version, operation, phase: name, message, count });
  }

  return {
    mark: (phase) => {
      endPeriod();
      name = phase;
      current = phaseOf(phase);
    },
    requestEnded: (result) => {
      current.requests += 1;
      byVersion[result.version] += 1;
      if (result.handedToOld) handedToOld += 1;
      if (result.crossVersion) crossVersionReads += 1;
      current.latency.recordValue(Math.round(result.latencyMs * MICROSECONDS));
      if (result.kind === 'write') {
        current.writeMaxMs = Math.max(current.writeMaxMs, result.latencyMs);
      }
      if (result.failure === undefined) return;
      current.failed += 1;
      keepFailure(result, result.failure);
    },
    lockWaitSeen: (wait) => {
      current.longestLockWaitMs = Math.max(current.longestLockWaitMs, wait.waitMs);
      if (wait.waitMs > (longest?.waitMs ?? 0)) longest = { ...wait, phase: name };
    },
    report: () => {
      endPeriod();
      const reports = [...phases].map(([phase, measured]) => reportOf(phase, measured));
      return {
        durationMs: now() - startedAt,
        requests: reports.reduce((sum, { requests }) => sum + requests, 0),
        failed: reports.reduce((sum, { failed }) => sum + failed, 0),
        failures: [...failures.values()],
        requestsByVersion: { ...byVersion },
        handedToOld,
        crossVersionReads,
        phases: reports,
        longestLockWait: longest,
      };
    },
  };
}

function emptyPhase(): PhaseMeasurements {
  const latency = build({ numberOfSignificantValueDigits: 3, autoResize: true });
  return { activeMs: 0, requests: 0, failed: 0, latency, writeMaxMs: 0, longestLockWaitMs: 0 };
}

function reportOf(phase: string, measured: PhaseMeasurements): PhaseReport {
  const { latency } = measured;
  return {
    phase,
    durationMs: measured.activeMs,
    requests: measured.requests,
    failed: measured.failed,
    latency: {
      p50Ms: latency.getValueAtPercentile(50) / MICROSECONDS,
      p99Ms: latency.getValueAtPercentile(99) / MICROSECONDS,
      maxMs: latency.maxValue / MICROSECONDS,
      writeMaxMs: measured.writeMaxMs,
    },
    longestLockWaitMs: measured.longestLockWaitMs,
  };
}
