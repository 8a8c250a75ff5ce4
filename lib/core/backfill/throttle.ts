import {
  SIGNAL_NAMES,
  type SignalName,
  type SignalReading,
  type SignalValue,
  signalKind,
  THRESHOLDS,
  type Thresholds,
} from './signals.ts';

/** Whether batches may run. */
export type ThrottleState =
  | { readonly kind: 'running' }
  | {
      readonly kind: 'held';
      /** What went over its threshold and has not come back far enough; empty when something cannot be read. */
      readonly over: readonly SignalName[];
      readonly reason: string;
    };

export const RUNNING: ThrottleState = { kind: 'running' };

/**
 * The state after a reading. Each signal has a memory of its own: one that held goes on holding
 * until it has come back to where it lets go, so that nothing flutters between the two values, and
 * one that did not hold does not begin to because another one did. What cannot be read is a
 * reason to hold: a target that does not answer is the last one that needs more work.
 *
 * @param reading undefined when nothing could be read
 * @param thresholds as they were tuned. @default - ours
 */
export function throttle(
  state: ThrottleState,
  reading: SignalReading | undefined,
  thresholds: Thresholds = THRESHOLDS,
): ThrottleState {
  const before = state.kind === 'held' ? state.over : [];
  if (reading === undefined) {
    return { kind: 'held', over: before, reason: 'the load of the target cannot be read' };
  }
  const over = SIGNAL_NAMES.filter((name) =>
    isOver(reading[name], thresholds[name], before.includes(name)),
  );
  const blind = SIGNAL_NAMES.find((name) => reading[name] === 'unreadable');
  const [first] = over;
  if (blind !== undefined) {
    return { kind: 'held', over, reason: `${signalKind(blind).title}: cannot be read` };
  }
  if (first === undefined) return RUNNING;
  const value = reading[first];
  // One that is pending said why when it was read.
  if (typeof value !== 'number') return state.kind === 'held' ? { ...state, over } : RUNNING;
  return { kind: 'held', over, reason: signalKind(first).says(value) };
}

function isOver(value: SignalValue, threshold: Thresholds[SignalName], wasOver: boolean): boolean {
  if (threshold === undefined || value === 'absent') return false;
  if (value === 'pending' || value === 'unreadable') return wasOver;
  const { hold, resume } = threshold;
  // Of some signals less is worse.
  const sign = resume > hold ? -1 : 1;
  return wasOver ? sign * value > sign * resume : sign * value >= sign * hold;
}

/** For the checkpoint, so that the next call knows what holds: `replicaLag: a replica is 12000 ms behind`. */
export function writeHold(state: ThrottleState): string | undefined {
  if (state.kind === 'running') return undefined;
  return state.over.length === 0 ? state.reason : `${state.over.join(', ')}: ${state.reason}`;
}

/** @param text of {@link writeHold}; undefined: nothing held */
export function parseHold(text: string | undefined): ThrottleState {
  if (text === undefined) return RUNNING;
  const [, names = '', reason] = /^([a-zA-Z, ]+): (.+)$/s.exec(text) ?? [];
  const over = names.split(', ').filter(isSignalName);
  return over.length === 0 || reason === undefined
    ? { kind: 'held', over: [], reason: text }
    : { kind: 'held', over, reason };
}

function isSignalName(name: string): name is SignalName {
  return SIGNAL_NAMES.some((known) => known === name);
}
