import { epochMs } from '../../lib/core/ids.ts';
import type { Clock } from '../../lib/ports/clock.ts';

/** Real time, but nobody waits: pauses and backoffs pass at once, and are not counted. */
export const hastyClock: Clock = {
  now: () => epochMs(Date.now()),
  sleep: async () => {
    await new Promise((resolve) => setImmediate(resolve));
  },
  random: Math.random,
};

/** Real time, except that sleeping takes none of it and counts all the same. */
export function sleeplessClock(): Clock {
  let slept = 0;
  return {
    now: () => epochMs(Date.now() + slept),
    sleep: async (duration) => {
      slept += duration;
    },
    random: () => 0.5,
  };
}

/** A clock that stands still, except for sleeping and for who sets it. */
export interface SettableClock extends Clock {
  setTo(at: number): void;
  pass(duration: number): void;
}

export function settableClock(start: number): SettableClock {
  let at = start;
  const pass = (duration: number) => {
    at += duration;
  };
  return {
    now: () => epochMs(at),
    sleep: async (duration) => pass(duration),
    random: () => 0.5,
    setTo: (then) => {
      at = then;
    },
    pass,
  };
}
