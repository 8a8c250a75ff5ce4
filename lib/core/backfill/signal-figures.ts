import {
  SIGNAL_NAMES,
  type SignalName,
  type SignalReading,
  type SignalUnit,
  signalKind,
  type Thresholds,
} from './signals.ts';
import type { ThrottleState } from './throttle.ts';

/** A signal as people see it. */
export interface SignalFigures {
  readonly signal: SignalName;
  readonly unit: SignalUnit;
  /** `pending`: not known. */
  readonly value: number | 'pending' | 'unreadable';
  /** Absent on a signal that is only shown. */
  readonly holdsAt?: number;
  readonly goesOnAt?: number;
  /** Whether it is what holds now, alone or with others. */
  readonly holds: boolean;
}

/** Every signal that the target has; none while it cannot be read at all. */
export function describeSignals(
  reading: SignalReading | undefined,
  thresholds: Thresholds,
  state: ThrottleState,
): readonly SignalFigures[] {
  if (reading === undefined) return [];
  return SIGNAL_NAMES.flatMap((signal) => {
    const value = reading[signal];
    if (value === 'absent') return [];
    const threshold = thresholds[signal];
    return {
      signal,
      unit: signalKind(signal).unit,
      value: typeof value === 'number' ? tenths(value) : value,
      ...(threshold !== undefined && {
        holdsAt: tenths(threshold.hold),
        goesOnAt: tenths(threshold.resume),
      }),
      holds: state.kind === 'held' && (value === 'unreadable' || state.over.includes(signal)),
    };
  });
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
